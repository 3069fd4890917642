// Shows openapi.json of this server, and lets every operation be tried. Nothing is fetched from elsewhere.
"use strict";

/** Make an element; strings become text, never markup. */
function make(tag, attributes, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes || {})) {
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (value === true) element.setAttribute(name, "");
    else if (value !== false && value !== undefined) element.setAttribute(name, value);
  }
  element.append(...children.filter((child) => child !== null && child !== undefined));
  return element;
}

let api;

function resolve(schema) {
  while (schema && schema.$ref) {
    schema = schema.$ref.split("/").slice(1).reduce((place, key) => place[key], api);
  }
  return schema || {};
}

/** One line that tells what a schema is. */
function typeName(schema) {
  if (!schema) return "";
  if (schema.$ref) return schema.$ref.split("/").pop();
  if (schema.anyOf) return schema.anyOf.map(typeName).join(" or ");
  if (schema.enum) return schema.enum.map((value) => JSON.stringify(value)).join(", ");
  if (schema.type === "array") return `list of ${typeName(schema.items || {}) || "anything"}`;
  if (schema.type === "object" && schema.additionalProperties)
    return `map of ${typeName(schema.additionalProperties)}`;
  return schema.type || schema.description || "anything";
}

/** A body to begin with: what must be there, and the texts; the table beside it tells the rest. */
function example(schema, depth) {
  const open = resolve(schema);
  if (open.anyOf) return example(open.anyOf.find((one) => one.type !== "null"), depth);
  if (open.enum) return open.enum[0];
  if (open.type === "array") return depth > 2 ? [] : [example(open.items || {}, depth + 1)];
  if (open.type === "object") {
    const required = new Set(open.required || []);
    const kept = Object.entries(open.properties || {}).filter(([name, one]) => required.has(name) || isText(one));
    return Object.fromEntries(kept.map(([name, one]) => [name, example(one, depth + 1)]));
  }
  return { integer: 0, number: 0, boolean: false, string: "" }[open.type] ?? null;
}

function isText(schema) {
  const open = resolve(schema);
  return open.anyOf ? open.anyOf.some(isText) : open.type === "string";
}

function table(heads, rows) {
  return make("table", {},
    make("thead", {}, make("tr", {}, ...heads.map((head) => make("th", {}, head)))),
    make("tbody", {}, ...rows));
}

function fieldsTable(schema) {
  const open = resolve(schema.type === "array" ? schema.items : schema);
  if (!open.properties) return null;
  const rows = Object.entries(open.properties).map(([name, one]) =>
    make("tr", {}, make("td", {}, make("code", {}, name)), make("td", {}, typeName(one))));
  return table(["Field", "Type"], rows);
}

function parameterRow(parameter) {
  const schema = parameter.schema;
  const options = schema.type === "boolean" ? ["", "true", "false"] : schema.enum ? ["", ...schema.enum] : null;
  const input = options
    ? make("select", {}, ...options.map((value) => make("option", {}, value)))
    : make("input", { placeholder: schema.default === undefined ? "" : String(schema.default) });
  input.dataset.name = parameter.name;
  input.dataset.in = parameter.in;
  input.dataset.list = String(schema.type === "array");
  input.setAttribute("aria-label", parameter.name);
  return make("tr", {},
    make("td", {}, make("code", {}, parameter.name), parameter.required ? " (required)" : ""),
    make("td", {}, `${parameter.in}: ${typeName(schema)}`),
    make("td", {}, input));
}

async function tryIt(path, method, form, output) {
  const query = new URLSearchParams();
  let target = path;
  for (const input of form.querySelectorAll("[data-name]")) {
    const { name, in: place, list } = input.dataset;
    if (place === "path") target = target.replace(`{${name}}`, encodeURIComponent(input.value));
    else if (input.value !== "")
      for (const value of list === "true" ? input.value.split(",") : [input.value]) query.append(name, value);
  }
  const text = query.toString();
  const url = target.slice(1) + (text ? `?${text}` : "") || "./";
  const headers = {};
  const body = form.querySelector("textarea");
  if (body) headers["Content-Type"] = "application/vnd.schemaregistry.v1+json";
  const authorization = document.getElementById("authorization").value;
  if (authorization) headers["Authorization"] = authorization;
  output.hidden = false;
  try {
    const started = performance.now();
    const response = await fetch(url, { method, headers, body: body ? body.value : undefined });
    const answer = await response.text();
    const took = Math.round(performance.now() - started);
    let shown = answer;
    try { shown = JSON.stringify(JSON.parse(answer), null, 2); } catch { /* no JSON */ }
    output.textContent = `${method} /${url}\n${response.status} ${response.statusText}, ${took} ms\n\n${shown}`;
  } catch (error) {
    output.textContent = `No answer: ${error}`;
  }
}

function operationBox(path, method, operation) {
  const details = make("details", { "data-text": `${method} ${path} ${operation.operationId} ${operation.summary}`.toLowerCase() },
    make("summary", {},
      make("span", { class: `method ${method}` }, method.toUpperCase()),
      make("code", {}, path),
      make("span", { class: "quiet" }, operation.summary)));
  details.addEventListener("toggle", () => {
    if (details.open && details.childElementCount === 1) details.append(operationBody(path, method, operation));
  });
  return details;
}

function operationBody(path, method, operation) {
  const output = make("pre", { hidden: true });
  const form = make("div", {});
  const box = make("div", {}, make("p", {}, operation.description || ""));
  box.append(make("p", { class: "quiet" }, `Name ${operation.operationId}`,
    operation["x-permission"] ? `, permission ${operation["x-permission"]}` : ", open to everybody"));
  if (operation.parameters.length) {
    form.append(make("h3", {}, "Parameters"),
      table(["Name", "Where and what", "Value"], operation.parameters.map(parameterRow)));
  }
  if (operation.requestBody) {
    const schema = Object.values(operation.requestBody.content)[0].schema;
    const area = make("textarea", { spellcheck: "false", "aria-label": "body" });
    area.value = JSON.stringify(example(schema, 0), null, 2);
    form.append(make("h3", {}, `Body: ${typeName(schema)}`), fieldsTable(schema) || "", area);
  }
  form.append(make("p", {}, make("button", {
    type: "button", onclick: () => tryIt(path, method.toUpperCase(), form, output),
  }, "Send")), output);
  const rows = Object.entries(operation.responses).map(([status, given]) => {
    const response = resolve(given);
    const content = response.content ? Object.values(response.content)[0].schema : null;
    return make("tr", {}, make("td", {}, status), make("td", { class: "text" }, response.description),
      make("td", {}, typeName(content)));
  });
  box.append(form, make("h3", {}, "Answers"), table(["Status", "Meaning", "Body"], rows));
  return box;
}

function show() {
  document.getElementById("version").textContent = api.info.version;
  document.getElementById("about").textContent = api.info.description;
  const groups = new Map(api.tags.map((tag) => [tag.name, []]));
  for (const [path, item] of Object.entries(api.paths))
    for (const [method, operation] of Object.entries(item))
      groups.get(operation.tags[0]).push(operationBox(path, method, operation));
  const main = document.getElementById("operations");
  main.replaceChildren(...[...groups].map(([name, boxes]) =>
    make("section", {}, make("h2", {}, name), ...boxes)));
  document.getElementById("filter").addEventListener("input", (event) => {
    const wanted = event.target.value.toLowerCase();
    for (const section of main.children) {
      let any = false;
      for (const box of section.querySelectorAll("details")) {
        box.hidden = !box.dataset.text.includes(wanted);
        any = any || !box.hidden;
      }
      section.hidden = !any;
    }
  });
}

fetch("openapi.json").then((response) => response.json()).then((document) => { api = document; show(); })
  .catch((error) => { document.getElementById("operations").textContent = `No description: ${error}`; });
