// A client of Sayso: typed calls of its tools, refusals as errors, and waiting for a person's decision.

import { randomUUID } from "node:crypto";
import { setTimeout as pause } from "node:timers/promises";
import { KEYED, READING, type components, type paths } from "./api.js";

export type { components, paths } from "./api.js";

type Named<Path> = Path extends `/api/${infer Name}` ? Name : never;
/** The name of a tool. */
export type Tool = Named<keyof paths>;
type Post<T extends Tool> = paths[`/api/${T}`]["post"];
type Body<Operation> = Operation extends { requestBody?: infer Given } ? NonNullable<Given> : never;
/** What a tool takes. */
export type Asked<T extends Tool> = Body<Post<T>> extends { content: { "application/json": infer Value } } ? Value : never;
/** What a tool answers. */
export type Answer<T extends Tool> = Post<T>["responses"][200]["content"]["application/json"];
/** What every refusal says. */
export type Problem = components["schemas"]["Problem"];
/** Where a send stands. */
export type Status = Answer<"get_send_status">;

export interface Options {
  /** Where Sayso answers; else SAYSO_URL, else this machine. */
  url?: string;
  /** An agent's key; else SAYSO_API_KEY. */
  key?: string;
  /** Only these of the key's scopes, such as "bookings,contacts:read". */
  toolset?: string;
  /** How often a call that may safely be repeated is tried when nobody answers. */
  tries?: number;
}

/** Sayso said no: branch on `code`, show `message`, do what `nextStep` says. */
export class Refused extends Error {
  override readonly name = "Refused";
  readonly code: string;
  readonly nextStep: string;
  readonly details: Readonly<Record<string, unknown>>;

  constructor(
    readonly status: number,
    problem: Problem,
  ) {
    super(problem.message);
    this.code = problem.code;
    this.nextStep = problem.nextStep;
    this.details = problem.details ?? {};
  }
}

/** Nobody decided in the time that one was ready to wait. */
export class Undecided extends Error {
  override readonly name = "Undecided";

  constructor(readonly status: Status) {
    super("Nobody has decided yet. The request still waits; do not ask again.");
  }
}

const HERE = "http://127.0.0.1:8000";
const PATIENCE_S = 25;
const AWAY = 503;

export class Sayso {
  readonly #url: string;
  readonly #headers: Record<string, string>;
  readonly #tries: number;

  constructor(options: Options = {}) {
    const key = options.key ?? process.env["SAYSO_API_KEY"];
    this.#url = (options.url ?? process.env["SAYSO_URL"] ?? HERE).replace(/\/+$/, "");
    this.#tries = options.tries ?? 3;
    this.#headers = {
      "Content-Type": "application/json",
      ...(key ? { Authorization: `Bearer ${key}` } : {}),
      ...(options.toolset ? { "Sayso-Toolset": options.toolset } : {}),
    };
  }

  /**
   * Call a tool. One that changes something is given an idempotency key unless you give one, so that a repeated try takes effect once.
   * Give your own where your program may start anew in between. Throws Refused.
   */
  async call<T extends Tool>(tool: T, ...[asked]: {} extends Asked<T> ? [Asked<T>?] : [Asked<T>]): Promise<Answer<T>> {
    const given: object = asked ?? {};
    const body = KEYED.has(tool) ? { idempotencyKey: randomUUID(), ...given } : given;
    const tries = KEYED.has(tool) || READING.has(tool) ? this.#tries : 1;
    return (await this.#post(`/api/${tool}`, body, tries)) as Answer<T>;
  }

  /** The tools that this key may use. Throws Refused. */
  async tools(): Promise<Tool[]> {
    const answer = (await this.#post("/mcp", { jsonrpc: "2.0", id: 1, method: "tools/list" }, this.#tries)) as {
      result: { tools: { name: Tool }[] };
    };
    return answer.result.tools.map((tool) => tool.name);
  }

  /** Wait until a person has decided, or the request is over. Throws Undecided after `withinSeconds`, and Refused. */
  async waitForDecision(approvalId: string, withinSeconds = 600): Promise<Status> {
    const ends = Date.now() + withinSeconds * 1000;
    for (;;) {
      const left = Math.max(0, Math.ceil((ends - Date.now()) / 1000));
      const status = await this.call("get_send_status", { approvalId, waitSeconds: Math.min(left, PATIENCE_S) });
      if (status.status !== "held") return status;
      if (left === 0) throw new Undecided(status);
    }
  }

  async #post(path: string, body: object, tries: number): Promise<unknown> {
    for (let tried = 1; ; tried++) {
      const answer = await this.#fetch(path, body, tried < tries);
      if (answer && !(answer.status === AWAY && tried < tries)) return await read(answer);
      await pause(200 * 2 ** tried);
    }
  }

  /** The answer; nothing when nobody answered and another try follows. */
  async #fetch(path: string, body: object, mayRepeat: boolean): Promise<Response | undefined> {
    try {
      return await fetch(this.#url + path, { method: "POST", headers: this.#headers, body: JSON.stringify(body), redirect: "error" });
    } catch (fault) {
      if (mayRepeat) return undefined;
      throw fault;
    }
  }
}

async function read(answer: Response): Promise<unknown> {
  const said: unknown = await answer.json().catch(() => undefined);
  if (answer.ok) return said;
  throw new Refused(answer.status, isProblem(said) ? said : { code: "unreadable", message: `The server answered ${answer.status}.`, nextStep: "Check the address." });
}

function isProblem(said: unknown): said is Problem {
  return typeof said === "object" && said !== null && "code" in said && "message" in said && "nextStep" in said;
}
