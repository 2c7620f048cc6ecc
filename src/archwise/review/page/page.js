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

  const prose = (text, node) => {
    text.split("`").forEach((part, at) => node.append(at % 2 ? make("code", part) : part));
    return node;
  };

  const hop = ([path, line, symbol, note]) => {
    const node = make("div", undefined, "hop");
    node.append(make("code", `${path}:${line}`), prose(`  ${symbol}: ${note}`, make("small")));
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
        node.append(prose(each.message, make("p")), ...each.trace.map(hop));
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
      help.append(make("strong", "Change: "));
      body.append(prose(cause.help, help));
    }
    if (cause.claims.length) body.append(make("p", `Claims ${cause.claims.join(", ")}`, "claim"));
    body.append(places(cause, 0));
    node.append(body);
  };

  const row = (cause) => {
    const node = make("details", undefined, "cause");
    const head = make("summary");
    const message = prose(cause.message, make("span", undefined, "message"));
    const [{ path, line }] = cause.places;
    message.append(make("small", `${path}:${line}`));
    head.append(
      make("span", cause.rule, "code"),
      make("span", cause.severity, `badge ${cause.severity}`),
      message,
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
    shown.textContent = `${causes} ${causes === 1 ? "cause" : "causes"} at ${found} ${found === 1 ? "place" : "places"}.`;
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
  const picture = document.querySelector(".map svg");
  picture?.addEventListener("mouseover", (event) => {
    const name = event.target.closest("[data-part]")?.dataset.part;
    const near = new Set(name === undefined ? [] : [name]);
    for (const edge of picture.querySelectorAll(".edge")) {
      const { from, to } = edge.dataset;
      edge.classList.toggle("near", from === name || to === name);
      if (from === name || to === name) near.add(from).add(to);
    }
    for (const box of picture.querySelectorAll("[data-part]")) box.classList.toggle("near", near.has(box.dataset.part));
    picture.classList.toggle("one", name !== undefined);
  });
  picture?.addEventListener("mouseleave", () => picture.classList.remove("one"));
  document.getElementById("theme").addEventListener("click", () => {
    const dark = root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
    root.dataset.theme = dark ? "light" : "dark";
  });
})();
