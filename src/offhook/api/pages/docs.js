// Draws /openapi.json: one card for each request, then every error code. Text goes in as text, never as HTML.
"use strict";

const make = (tag, attributes = {}, ...children) => {
  const node = Object.assign(document.createElement(tag), attributes);
  node.append(...children.filter((child) => child !== null));
  return node;
};
const code = (text) => make("code", { textContent: text });
const table = (rows) => make("table", {}, ...rows.map(([id, ...cells]) =>
  make("tr", { id }, ...cells.map((cell) => make("td", {}, cell)))));
const section = (title, node) => [make("h3", { textContent: title }), node];

let schemas = {};
const resolve = (schema) => (schema && schema.$ref ? schemas[schema.$ref.split("/").pop()] : schema) || {};

function nameOf(schema) {
  if (schema.$ref) return schema.$ref.split("/").pop();
  if (schema.anyOf) return schema.anyOf.map(nameOf).join(" or ");
  if (schema.enum) return schema.enum.join(", ");
  if (schema.type === "array") return `array of ${nameOf(schema.items || {})}`;
  return schema.format || schema.type || "any";
}

function example(schema) {
  const whole = resolve(schema);
  if (whole.examples) return whole.examples[0];
  if (whole.default !== undefined) return whole.default;
  if (whole.enum) return whole.enum[0];
  if (whole.anyOf) return whole.anyOf.some((kind) => kind.type === "null") ? null : example(whole.anyOf[0]);
  if (whole.type === "array") return [example(whole.items)];
  if (whole.properties)
    return Object.fromEntries(Object.entries(whole.properties).map(([name, kind]) => [name, example(kind)]));
  if (whole.format === "date-time") return "2026-11-23T06:00:00Z";
  return { string: "...", integer: 1, number: 1.5, boolean: true, object: {} }[whole.type] ?? null;
}

const properties = (schema) => Object.entries(resolve(schema).properties || {}).map(([name, kind]) =>
  ["", code(name), nameOf(kind), kind.description || resolve(kind).description || ""]);

function card(path, method, operation) {
  const body = operation.requestBody && Object.values(operation.requestBody.content)[0].schema;
  const [status, success] = Object.entries(operation.responses).find(([number]) => number.startsWith("2"));
  const answer = success.content && success.content["application/json"];
  const refusals = Object.entries(operation.responses).filter(([number]) => !number.startsWith("2"));
  const parameters = (operation.parameters || []).map((parameter) =>
    ["", code(parameter.name), parameter.in, parameter.description || ""]);
  const inside = make("div");
  if (parameters.length) inside.append(...section("Parameters", table(parameters)));
  if (body) inside.append(...section("Body", table(properties(body))));
  if (answer) inside.append(...section(`Answer ${status}`,
    make("pre", { textContent: JSON.stringify(example(answer.schema), null, 2) })));
  if (refusals.length) inside.append(...section("Refusals",
    table(refusals.map(([number, refusal]) => ["", code(number), "", refusal.description]))));
  return make("details", {}, make("summary", {},
    make("span", { className: `method ${method}`, textContent: method }), code(path),
    make("span", { className: "about", textContent: operation.description || operation.summary || "" })), inside);
}

function draw(api) {
  schemas = api.components.schemas;
  document.getElementById("version").textContent = api.info.version;
  document.getElementById("intro").textContent = api.info.description;
  const main = document.getElementById("main");
  const groups = new Map();
  for (const [path, methods] of Object.entries(api.paths))
    for (const [method, operation] of Object.entries(methods)) {
      const group = operation.tags[0];
      groups.set(group, [...(groups.get(group) || []), card(path, method, operation)]);
    }
  groups.set("errors", [table(api["x-errors"].map((error) =>
    [error.code, make("a", { href: `/docs/errors/${error.code}` }, code(error.code)), String(error.status), error.meaning]))]);
  main.replaceChildren();
  for (const [group, cards] of groups) {
    main.append(make("h2", { id: `group-${group}`, textContent: group }), ...cards);
    document.getElementById("contents").append(make("a", { href: `#group-${group}`, textContent: group }));
  }
  // The page is drawn after the browser looked for the anchor, so it must look again.
  if (location.hash) location.replace(location.hash);
}

fetch("/openapi.json").then((answer) => answer.json()).then(draw);
