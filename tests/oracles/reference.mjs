// Runs the defines of some libraries in the HL7 reference engine, for which it is the FHIR data provider.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import {
  Boolean as Truth, ClassInstance, CqlEngine, Date as Day, DateTime, Decimal, Environment, EvaluationParams, Integer,
  List, String as Text,
} from "@cqframework/cql/engine";
import { KtList, KtMutableMap, KtMutableSet, Pair } from "@cqframework/cql/kotlin-kotlin-stdlib";
import { FunctionRef, VersionedIdentifier } from "@cqframework/cql/elm";
import { BigDecimal, QName } from "@cqframework/cql/shared";

// The engine remembers which function a call means, by the call: by identity, or else it would hash and compare all that
// stands below each call, each time.
let calls = 0;
const numbers = new WeakMap();
FunctionRef.prototype.hashCode = function () {
  if (!numbers.has(this)) numbers.set(this, (calls += 1));
  return numbers.get(this);
};
FunctionRef.prototype.equals = function (other) { return other === this; };

const FHIR = "http://hl7.org/fhir";
const require = createRequire(import.meta.url);
const classes = classesIn(readFileSync(require.resolve("cql-exec-fhir/lib/modelInfos/fhir-modelinfo-4.0.1.xml"), "utf8"));

// Type name -> {base, elements: name -> {types, list}}, as the model info has them.
function classesIn(xml) {
  const found = {};
  for (const [, attributes, body = ""] of xml.matchAll(/<typeInfo ([^>]*?)(?:\/>|>([\s\S]*?)<\/typeInfo>)/g)) {
    const name = /\bname="([^"]+)"/.exec(attributes)[1];
    const elements = {};
    for (const [, head, inner] of body.matchAll(/<element (name="[^>]*?)(?:\/>|>([\s\S]*?)<\/element>)/g)) {
      const plain = /(?:elementType|namespace="FHIR" name)="([^"]+)"/.exec(head + (inner ?? ""))?.[1];
      const choices = [...(inner ?? "").matchAll(/<choice [^>]*?name="([^"]+)"/g)].map((choice) => choice[1]);
      const types = choices.length ? choices : [plain.replace(/^FHIR\./, "")];
      elements[/name="([^"]+)"/.exec(head)[1]] = { types, list: /ListTypeSpecifier/.test(inner ?? "") };
    }
    found[name] = { base: /baseType="(?:FHIR\.)?([^"]+)"/.exec(attributes)?.[1], elements };
  }
  return found;
}

function elementsOf(type) {
  const own = classes[type];
  return own ? { ...elementsOf(own.base), ...own.elements } : {};
}
const elements = Object.fromEntries(Object.keys(classes).map((type) => [type, Object.entries(elementsOf(type))]));

const names = new Map();
const named = (type) => names.get(type) ?? (names.set(type, new QName(FHIR, type, "")), names.get(type));
let count = 0;
// The engine keeps sets of the resources that it looked at: by identity, or else it would hash each of them to its leaves.
function made(type, parts) {
  const found = bare(type, parts), number = (count += 1);
  found.hashCode = () => number;
  found.equals = (other) => other === found;
  return found;
}
const bare = (type, parts) => new ClassInstance(named(type), KtMutableMap.fromJsMap(new Map(parts)));

// A JSON node as an instance of a FHIR type.
function instance(type, node) {
  if (type.startsWith("System.")) return primitive(type, node);
  if (typeof node !== "object") return made(type, [["value", primitive(valueTypeOf(type), node)]]);
  const parts = [];
  for (const [name, { types, list }] of elements[type]) {
    for (const one of types) {
      const given = node[types.length > 1 ? name + one[0].toUpperCase() + one.slice(1) : name];
      if (given === undefined) continue;
      const read = (item) => instance(one, item);
      parts.push([name, list ? new List(KtList.fromJsArray(given.map(read))) : read(given)]);
    }
  }
  return made(node.resourceType ?? type, parts);
}

const valueTypeOf = (type) => elements[type].find(([name]) => name === "value")[1].types[0];

function primitive(type, value) {
  switch (type) {
    case "System.Boolean": return new Truth(value);
    case "System.Integer": return new Integer(value);
    case "System.Decimal": return new Decimal(BigDecimal.fromString(String(value)));
    case "System.Date": return Day.fromDateString(value);
    case "System.DateTime": return moment(value);
    default: return new Text(String(value));
  }
}

function moment(text) {
  const [, day, time, zone] = /^([\d-]+)(?:T([\d:.]+)(Z|[+-]\d\d:\d\d)?)?$/.exec(text);
  const [seconds, millis] = (time ?? "").split(".");
  const parts = [...day.split("-"), ...(time ? seconds.split(":") : []), ...(millis ? [millis.padEnd(3, "0").slice(0, 3)] : [])];
  const [hours, minutes] = zone && zone !== "Z" ? zone.split(":").map(Number) : [0, 0];
  const offset = hours + (zone?.startsWith("-") ? -minutes : minutes) / 60;
  return DateTime.fromDateElements(BigDecimal.fromString(String(offset)), Int32Array.from(parts.map(Number)));
}

// What the engine asks of a data provider.
class Provider {
  constructor(bundle) {
    this.resources = bundle.entry.map((entry) => entry.resource);
    this.read = new Map();
  }
  retrieve(context, contextPath, contextValue, type) {
    if (!this.read.has(type)) {
      const wanted = this.resources.filter((resource) => resource.resourceType === type && isOurs(resource, contextValue));
      this.read.set(type, KtList.fromJsArray(wanted.map((resource) => instance(type, resource))));
    }
    return this.read.get(type);
  }
  getContextPath() { return "id"; }
  is(valueType, type) {
    const wanted = type.getLocalPart();
    for (let name = valueType; name; name = classes[name]?.base) if (name === wanted) return true;
    return false;
  }
  createInstance(type) { return made(type, []); }
  objectEquivalent() { return new Truth(false); }
  resolveId(target) { return target.elements.asJsReadonlyMapView().get("id"); }
  phiObfuscationSupplier() { return () => null; }
}

function identified(name, version) {
  const id = new VersionedIdentifier();
  id.id = name;
  id.version = version;
  return id;
}

function isOurs(resource, patient) {
  const about = resource.subject ?? resource.patient;
  return resource.resourceType === "Patient" || about?.reference === `Patient/${patient}`;
}

export function engine({ manager, elm, main }) {
  const caching = KtMutableSet.fromJsSet(new Set([CqlEngine.Options.EnableExpressionCaching]));
  // By id and version, or else the engine would translate the libraries a second time.
  const ids = main.map((name) => identified(name, elm[name].library.identifier.version));
  return async (bundle, index) => {
    const environment = new Environment(manager, KtMutableMap.fromJsMap(new Map()));
    environment.registerDataProvider(FHIR, new Provider(bundle));
    const runner = new CqlEngine(environment, caching);
    const params = new EvaluationParams.Builder();
    for (const id of ids) params.library(id, new EvaluationParams.LibraryParams.Builder().build());
    params.contextParameter = new Pair("Patient", bundle.entry.find((one) => one.resource.resourceType === "Patient").resource.id);
    params.parameters = KtMutableMap.fromJsMap(new Map([["Index", Day.fromDateString(index)]]));
    const results = runner.evaluate(params.build());
    const found = new Map([...results.results.asJsReadonlyMapView()].map(([id, result]) => [id.id, result]));
    return main.map((name) => {
      if (!found.has(name)) throw [...results.exceptions.asJsReadonlyMapView().values()][0];
      const defines = found.get(name).expressionResults.asJsReadonlyMapView();
      return Object.fromEntries([...defines].map(([define, result]) => [define, result.value]));
    });
  };
}

export function plain(value) {
  if (value == null) return null;
  if (value instanceof Truth || value instanceof Integer || value instanceof Text) return value.value;
  if (value instanceof Decimal) return Number(value.value.toPlainString());
  if (value instanceof List) return [...value.value.asJsReadonlyArrayView()].map(plain);
  return value instanceof Day ? value.toString().slice(1) : value.toString();
}
