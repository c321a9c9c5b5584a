// One reader of the Node client; prints the same line as polling.py. Arguments: FILE STOP QUERY.
import { createRequire } from "node:module";
import { existsSync } from "node:fs";

const require = createRequire(process.env.READERS_NODE_MODULES + "/");
const { DuckDBInstance } = require("@duckdb/node-api");
const { version } = require("@duckdb/node-api/package.json");
const [file, stop, query] = process.argv.slice(2);
let reads = 0, mixed = 0;
const errors = [], seen = new Set();
const ask = async (connection) => (await connection.runAndReadAll(query)).getRows()[0].map(Number);
while (!existsSync(stop)) {
  try {
    const instance = await DuckDBInstance.create(file, { access_mode: "READ_ONLY" });
    const connection = await instance.connect();
    const first = await ask(connection);
    await new Promise((resolve) => setTimeout(resolve, 5));
    const second = await ask(connection);
    seen.add(first[0]);
    if (new Set([...first, ...second]).size !== 1) mixed += 1;
    connection.closeSync();
    instance.closeSync();
    reads += 1;
  } catch (error) {
    errors.push(String(error));
  }
}
const found = { reads, versions: seen.size, mixed, errors: errors.slice(0, 5), failed: errors.length };
console.log(JSON.stringify({ client: `@duckdb/node-api ${version}`, ...found }));
