// Writes src/api.ts from the OpenAPI document on standard input; with --check only says whether it is as it would be written.
import { readFile, writeFile } from "node:fs/promises";
import { text } from "node:stream/consumers";
import openapiTS, { astToString } from "openapi-typescript";

const FILE = new URL("src/api.ts", import.meta.url);
const HEAD = "// Generated from Sayso's OpenAPI document by generate.mjs. Change the server, not this file: ./dev sdk\n\n";

const document = JSON.parse(await text(process.stdin));
const operations = Object.values(document.paths).map((path) => path.post);
const names = (wanted) => operations.filter(wanted).map((operation) => operation.operationId);
const takesKey = (operation) => {
  const { $ref, properties } = operation.requestBody.content["application/json"].schema;
  const fields = properties ?? document.components.schemas[$ref.split("/").at(-1)].properties;
  return "idempotencyKey" in (fields ?? {});
};
const keyed = names(takesKey);
const reading = names((operation) => operation["x-sayso-hints"].readOnlyHint);
// Every refusal has one shape, which the client throws; said once it need not be said again by each operation.
for (const operation of operations) operation.responses = { 200: operation.responses[200] };
delete document.components.responses;

const list = (name, values) => `export const ${name}: ReadonlySet<string> = new Set(${JSON.stringify(values, null, 2)});\n`;
const types = astToString(await openapiTS(document, { defaultNonNullable: false }));
const written = HEAD + types + "\n" + list("KEYED", keyed) + "\n" + list("READING", reading);

if (process.argv.includes("--check")) {
  const kept = await readFile(FILE, "utf8").catch(() => "");
  if (kept !== written) {
    console.error("clients/typescript/src/api.ts is stale: run ./dev sdk");
    process.exit(1);
  }
} else {
  await writeFile(FILE, written);
}
