// CQL to ELM by the HL7 reference translator. Usage: node translate.mjs LIBRARY.cql ... prints {name: ELM} or {errors}.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";
import {
  CqlCompilerOptions, CqlTranslator, LibraryBuilder, LibraryManager, ModelManager, createLibrarySourceProvider, createModelInfoProvider, createUcumService,
  stringAsSource,
} from "@cqframework/cql/cql-to-elm";
import { SystemModelInfoProvider } from "@cqframework/cql/cql";

const require = createRequire(import.meta.url);
const fhir = readFileSync(require.resolve("cql-exec-fhir/lib/modelInfos/fhir-modelinfo-4.0.1.xml"), "utf8");

// The libraries hold calendar durations only, which no unit service needs to convert.
const units = createUcumService((value) => value, () => null, (a) => a, (a) => a);

// Signatures spare the reference engine a search for the function meant, at each call.
function options() {
  return new CqlCompilerOptions().withSignatureLevel(LibraryBuilder.SignatureLevel.All);
}

// sources: library name -> CQL text, each after those that it includes. The manager keeps them for an engine to use.
export function translated(sources) {
  const models = new ModelManager();
  models.modelInfoLoader.registerModelInfoProvider(new SystemModelInfoProvider());
  models.modelInfoLoader.registerModelInfoProvider(
    createModelInfoProvider((id) => (id === "FHIR" ? stringAsSource(fhir) : null)),
  );
  const manager = new LibraryManager(models, options(), undefined, units);
  manager.librarySourceLoader.registerProvider(
    createLibrarySourceProvider((name) => (name in sources ? stringAsSource(sources[name]) : null)),
  );
  const includes = Object.entries(sources).map(([name, text]) => `include ${name} version '${versionOf(text)}'`);
  const translation = CqlTranslator.fromText(`library Whole\n${includes.join("\n")}`, manager);
  const errors = [];
  for (const error of translation.errors.asJsReadonlyArrayView()) {
    const [, library, line] = /library='?(?:.*?id[:=] ?)?(\w+).*startLine=(\d+)/.exec(String(error.locator)) ?? [];
    errors.push(`${library}.cql, line ${line}: ${error.message}`);
  }
  const elm = {};
  for (const [id, library] of translation.libraries.asJsReadonlyMapView()) {
    elm[id.id] = JSON.parse(CqlTranslator.convertToJson(library));
  }
  return { manager, elm, errors };
}

const versionOf = (text) => /^library \S+ version '([^']*)'/m.exec(text)[1];

// The sources in the files named, by the names of their libraries.
export function sourcesIn(files) {
  const texts = files.map((file) => readFileSync(file, "utf8"));
  return Object.fromEntries(texts.map((text) => [/^library (\S+)/m.exec(text)[1], text]));
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  const { elm, errors } = translated(sourcesIn(process.argv.slice(2)));
  process.stdout.write(JSON.stringify(errors.length ? { errors } : elm));
}
