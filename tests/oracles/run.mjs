// Runs libraries over records. Usage: node run.mjs ENGINE FOLDER MAIN,... RECORDS.ndjson ANSWERS.ndjson
// ENGINE: reference or execution. FOLDER: the CQL files, in the order of ORDER.txt. A record is {index, bundle}, and for
// cql-execution perhaps {fault: {library, define, copy}}; its answer has, for each main library, its defines in the order
// of the first line, which names them.
import { createWriteStream, existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { createReadStream } from "node:fs";
import { sourcesIn, translated } from "./translate.mjs";

const [name, folder, mains, records, answers] = process.argv.slice(2);
const main = mains.split(",");
const { engine, plain } = await import(`./${name}.mjs`);
const files = readFileSync(join(folder, "ORDER.txt"), "utf8").trim().split("\n").map((file) => join(folder, file));

const compiled = name === "execution" ? { elm: await elmOf(join(folder, "elm.json")) } : translatedAnd(join(folder, "elm.json"));

function translatedAnd(kept) {
  const found = translated(sourcesIn(files));
  writeFileSync(`${kept}.new`, JSON.stringify(found.errors.length ? { errors: found.errors } : found.elm));
  renameSync(`${kept}.new`, kept);
  if (found.errors.length) {
    console.error(found.errors.join("\n"));
    process.exit(1);
  }
  return found;
}

// The ELM that the run of the reference engine beside this one leaves; here it is translated only once.
async function elmOf(kept) {
  while (!existsSync(kept)) await new Promise((done) => setTimeout(done, 200));
  const found = JSON.parse(readFileSync(kept, "utf8"));
  if (found.errors) {
    console.error(found.errors.join("\n"));
    process.exit(1);
  }
  return found;
}

const wanted = main.map((library) => definesOf(library));
function definesOf(library) {
  const text = readFileSync(files.find((file) => file.endsWith(`${library}.cql`)), "utf8");
  return [...text.matchAll(/^define (?:"([^"]+)"|(\w+)):/gm)].map(([, quoted, bare]) => quoted ?? bare);
}

const out = createWriteStream(answers);
out.write(JSON.stringify({ main, wanted }) + "\n");
const ask = engine({ ...compiled, main });
const spent = []; // processor milliseconds of each record, from its text to its defines
for await (const line of createInterface({ input: createReadStream(records) })) {
  const before = process.cpuUsage();
  const { index, bundle, fault } = JSON.parse(line);
  const found = await ask(bundle, index, fault);
  const { user, system } = process.cpuUsage(before);
  spent.push((user + system) / 1000);
  out.write(JSON.stringify(found.map((defines, i) => wanted[i].map((define) => plain(defines[define])))) + "\n");
}
out.end(JSON.stringify({ spent }) + "\n");
