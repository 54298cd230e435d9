// Plays an exported page with the few parts of a document that its player uses.
"use strict";
const page = require("fs").readFileSync(process.argv[2], "utf8");
const data = page.match(/<script id="data" type="application\/json">([\s\S]*?)<\/script>/)[1];
const script = page.match(/<script>([\s\S]*?)<\/script>/)[1];
const classes = new Set();
class Element {
  constructor(name) { this.tagName = name.toUpperCase(); this.children = []; this.own = ""; this.dataset = {}; this.listeners = {}; this.classList = { add: (c) => classes.add(c) }; }
  set className(value) { for (const c of value.split(" ")) classes.add(c); }
  set textContent(value) { this.own = String(value); this.children = []; }
  get textContent() { return this.own + this.children.map((child) => child.textContent).join("\n"); }
  append(...nodes) { this.children.push(...nodes); }
  appendChild(node) { this.children.push(node); return node; }
  get lastChild() { return this.children[this.children.length - 1]; }
  addEventListener(kind, listener) { this.listeners[kind] = listener; }
}
const elements = {};
const byId = (id) => elements[id] || (elements[id] = new Element("div"));
byId("data").textContent = data;
byId("speed").value = "64";
global.window = { innerHeight: 1, scrollY: 0, scrollTo() {}, matchMedia: () => ({ matches: true }) };
global.document = { getElementById: byId, createElement: (name) => new Element(name), body: { scrollHeight: 1 }, documentElement: new Element("html"), addEventListener() {} };
console.warn = () => {};
(0, eval)(script);
const click = (id) => byId(id).listeners.click();
const place = () => parseInt(byId("clock").textContent, 10);
const told = { all: byId("rows").textContent };
click("first"); told.first = byId("rows").textContent;
for (let i = 0; i < 5; i++) click("step");
told.five = byId("clock").textContent;
click("turn"); click("tool"); told.tool = place();
click("back"); told.back = place();
click("theme"); told.theme = document.documentElement.dataset.theme;
click("last"); told.atEndAgain = byId("rows").textContent === told.all;
told.classes = [...classes];
console.log(JSON.stringify(told));
