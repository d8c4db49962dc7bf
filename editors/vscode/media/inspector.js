// Draws what was sent. All text comes from files and is set as text, never as HTML.

const vscode = acquireVsCodeApi();
const main = document.getElementById("main");

window.addEventListener("message", (event) => draw(event.data));
vscode.postMessage({ kind: "ready" });

function draw({ sent, reason, name }) {
  main.replaceChildren(...(sent ? page(sent, reason, name) : [make("p", "Nothing was sent yet. Type in a file, or ask for a change.")]));
}

function page(sent, reason, name) {
  const line = `${name}:${sent.position.line + 1}:${sent.position.character + 1}`;
  const what = sent.purpose === "edit" ? "A change of" : "A suggestion at";
  const head = [make("h2", `${what} ${line}`), make("p", totals(sent))];
  if (reason) {
    head.push(make("p", `What became of it: ${reason}.`));
  }
  const list = make("ol");
  list.append(...sent.parts.map((part, index) => item(part, index, sent)));
  return [...head, list];
}

function totals(sent) {
  const parts = [`${number(sent.tokens)} tokens`];
  if (typeof sent.cached === "number" && typeof sent.evaluated === "number") {
    parts.push(`${number(sent.cached)} of them read before`, `${number(sent.evaluated)} read for this`);
  }
  return `${parts.join(", ")}. Model: ${sent.model || "none yet"}.`;
}

function item(part, index, sent) {
  const row = make("li");
  row.append(place(part, index), bar(part, sent), make("div", about(part)));
  const more = make("details");
  more.append(make("summary", "Text"), text(part));
  row.append(more);
  return row;
}

function place(part, index) {
  if (!part.uri) {
    return make("div", part.path || part.kind, "place");
  }
  const button = make("button", `${part.path}:${lines(part)}`, "place");
  button.dataset.index = String(index);
  button.addEventListener("click", () => vscode.postMessage({ kind: "open", index }));
  return button;
}

function lines(part) {
  const last = Math.max(part.start + 1, part.end);
  return last === part.start + 1 ? `${last}` : `${part.start + 1}–${last}`;
}

function text(part) {
  const block = make("pre", part.text);
  // Long lines scroll, also by keyboard.
  block.tabIndex = 0;
  block.setAttribute("role", "region");
  block.setAttribute("aria-label", `Text of ${part.path || part.kind}`);
  return block;
}

function bar(part, sent) {
  const whole = make("div", "", "bar");
  whole.setAttribute("aria-hidden", "true");
  const share = make("div", "", part.cached ? "read" : "");
  share.style.width = `${(100 * part.tokens) / Math.max(1, sent.tokens)}%`;
  whole.append(share);
  return whole;
}

function about(part) {
  const read = typeof part.cached === "boolean" ? (part.cached ? "read before" : "read for this") : "";
  const score = typeof part.score === "number" ? `score ${part.score.toPrecision(2)}` : "";
  return [`${number(part.tokens)} tokens`, part.reason, score, read].filter(Boolean).join(" · ");
}

function number(value) {
  return value.toLocaleString();
}

function make(kind, words = "", className = "") {
  const element = document.createElement(kind);
  element.textContent = words;
  if (className) {
    element.className = className;
  }
  return element;
}
