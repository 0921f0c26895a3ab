// Drives a running Sayso; tests/sdk starts one and names it in SAYSO_URL and SAYSO_API_KEY.

import assert from "node:assert/strict";
import { test } from "node:test";
import { Refused, Sayso, Undecided } from "../src/index.js";

const sayso = new Sayso();
const text = { to: "+447400123456", body: "Your table is ready." };

test("the tools of the key are listed, and none of them approves", async () => {
  const tools = await sayso.tools();
  assert.ok(tools.includes("send_sms"));
  assert.deepEqual(tools.filter((name) => /approve|decide/.test(name)), []);
});

test("a send is asked for and waits for a person", async () => {
  const asked = await sayso.call("send_sms", text);
  assert.equal(asked.status, "pending");
  const pending = await sayso.call("get_approval", { approvalId: asked.approvalId });
  assert.equal(pending.state, "pending");
  await assert.rejects(sayso.waitForDecision(asked.approvalId, 1), (fault) => fault instanceof Undecided && fault.status.status === "held");
});

test("the same idempotency key gives the same request again", async () => {
  const idempotencyKey = "drive-test-of-the-kit";
  const first = await sayso.call("send_sms", { ...text, idempotencyKey });
  const again = await sayso.call("send_sms", { ...text, idempotencyKey });
  assert.equal(again.approvalId, first.approvalId);
});

test("a refusal is an error with a code and a next step", async () => {
  const refusal = (fault: unknown) => fault instanceof Refused && fault.code === "invalid_arguments" && fault.status === 422 && fault.nextStep !== "";
  await assert.rejects(sayso.call("send_sms", { to: "nobody", body: "x" }), refusal);
  await assert.rejects(new Sayso({ key: `sayso_mcp_${"w".repeat(43)}` }).call("list_my_companies"), (fault) => fault instanceof Refused && fault.code === "key_refused");
});

test("a read is tried again when nobody answers, and a dead address is an error in the end", async () => {
  await assert.rejects(new Sayso({ url: "http://127.0.0.1:9", tries: 2 }).call("list_my_companies"), TypeError);
});

test("a toolset narrows what is listed", async () => {
  const tools = await new Sayso({ toolset: "bookings:read" }).tools();
  assert.ok(tools.includes("list_services") && !tools.includes("send_sms"));
});
