"use strict";
(() => {
  const root = document.documentElement;
  root.classList.add("js");
  const data = JSON.parse(document.getElementById("data").textContent);
  const list = document.getElementById("list");
  const shown = document.getElementById("shown");
  const search = document.getElementById("search");
  const rule = document.getElementById("rule");
  const make = (name, text, className) => {
    const node = document.createElement(name);
    if (text !== undefined) node.textContent = text;
    if (className) node.className = className;
    return node;
  };

  const hop = ([path, line, symbol, note]) => {
    const node = make("div", undefined, "hop");
    node.append(make("code", `${path}:${line}`), make("small", `  ${symbol}: ${note}`));
    const source = data.lines[`${path}:${line}`];
    if (source) {
      const block = make("pre");
      block.append(make("code", source));
      node.append(block);
    }
    return node;
  };

  const place = (each) => {
    const node = make("details");
    const head = make("summary");
    head.append(make("code", `${each.path}:${each.line}`), ` ${each.symbol}`);
    if (each.confidence !== "certain") head.append(" (likely)");
    if (each.roots.length) head.append(make("small", ` ${each.roots.join(", ")}`));
    node.append(head);
    node.addEventListener("toggle", () => {
      if (node.open && node.childElementCount === 1) {
        node.append(make("p", each.message), ...each.trace.map(hop));
      }
    });
    return node;
  };

  const MOST = 100;
  const places = (cause, from) => {
    const part = document.createDocumentFragment();
    part.append(...cause.places.slice(from, from + MOST).map(place));
    const left = cause.places.length - from - MOST;
    if (left > 0) {
      const more = make("button", `${left} more`);
      more.type = "button";
      more.addEventListener("click", () => more.replaceWith(places(cause, from + MOST)));
      part.append(more);
    }
    return part;
  };

  const fill = (node, cause) => {
    const body = make("div");
    if (cause.help) {
      const help = make("p");
      help.append(make("strong", "Change: "), cause.help);
      body.append(help);
    }
    if (cause.claims.length) body.append(make("p", `Claims ${cause.claims.join(", ")}`, "claim"));
    body.append(places(cause, 0));
    node.append(body);
  };

  const row = (cause) => {
    const node = make("details", undefined, "cause");
    const head = make("summary");
    head.append(
      make("span", cause.rule, "code"),
      make("span", cause.severity, `badge ${cause.severity}`),
      make("span", cause.message, "message"),
      make("span", cause.places.length === 1 ? "1 place" : `${cause.places.length} places`),
    );
    node.append(head);
    node.addEventListener("toggle", () => {
      if (node.open && node.childElementCount === 1) fill(node, cause);
    });
    return node;
  };

  const rows = data.causes.map((cause) => ({
    cause,
    node: row(cause),
    text: [cause.rule, cause.name, cause.message, ...cause.places.map((p) => `${p.path} ${p.symbol} ${p.roots.join(" ")}`)]
      .join(" ").toLowerCase(),
  }));
  list.replaceChildren(...rows.map((each) => each.node));

  const filter = () => {
    const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    const severities = new Set([...document.querySelectorAll("[name=severity]:checked")].map((box) => box.value));
    let causes = 0;
    let found = 0;
    for (const { cause, node, text } of rows) {
      const visible = severities.has(cause.severity) && (!rule.value || cause.rule === rule.value) &&
        words.every((word) => text.includes(word));
      node.hidden = !visible;
      if (visible) {
        causes += 1;
        found += cause.places.length;
      }
    }
    shown.textContent = `${causes} causes at ${found} places.`;
  };
  document.getElementById("controls").addEventListener("input", filter);
  document.getElementById("controls").addEventListener("submit", (event) => event.preventDefault());
  document.getElementById("open").addEventListener("click", () => {
    const visible = rows.filter((each) => !each.node.hidden).slice(0, 50);
    const opens = visible.some((each) => !each.node.open);
    for (const each of visible) each.node.open = opens;
  });
  filter();

  document.addEventListener("keydown", (event) => {
    if (event.key === "/" && !/^(INPUT|SELECT|TEXTAREA)$/.test(document.activeElement.tagName)) {
      event.preventDefault();
      search.focus();
    }
  });
  document.getElementById("theme").addEventListener("click", () => {
    const dark = root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
    root.dataset.theme = dark ? "light" : "dark";
  });
})();
