"use strict";
// Shows the questions of the run. Whatever it writes is text: nothing here makes markup of data.
(() => {
  const PAGE = 50;
  const SHOWN = 4000;
  const BLOCK = 200;
  const HIT = 1, MISSED = 2, UNANSWERABLE = 4;
  const REFUSED = 1, CUT = 2, UNSCORED = 4;
  const [SUITE, ID, TEXT, TYPE, BITS, ARMS] = [0, 1, 2, 3, 4, 5];
  const STRANGE = new RegExp(
    "[\\u0000-\\u0008\\u000b-\\u001f\\u007f-\\u009f\\u00ad\\u061c\\u180e\\u200b\\u200e\\u200f" +
    "\\u2028-\\u202e\\u2060-\\u206f\\ufeff\\ufff9-\\ufffb\\ud800-\\udfff\\u{e0000}-\\u{e0fff}]", "gu");
  // Hundreds of marks on one letter are drawn over other lines.
  const PILED = /(\p{M}{4})\p{M}+/gu;
  const at = (id) => document.getElementById(id);
  if (!at("index")) return;
  const settings = JSON.parse(at("settings").textContent);
  const opened = new Map();
  let index, state, found = [], page = 0, haystacks = null, asked = 0;

  async function unpack(id) {
    const bytes = Uint8Array.from(atob(at(id).textContent), (c) => c.charCodeAt(0));
    const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
    return JSON.parse(await new Response(stream).text());
  }
  function block(id) {
    if (!opened.has(id)) opened.set(id, unpack(id));
    return opened.get(id);
  }
  async function item(kind, number) {
    return (await block(`${kind}-${Math.floor(number / BLOCK)}`))[number % BLOCK];
  }

  function make(tag, attributes, ...children) {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes || {})) {
      if (value !== null && value !== undefined && value !== false) element.setAttribute(name, value);
    }
    element.append(...children.filter((child) => child !== null && child !== ""));
    return element;
  }
  // Text with what cannot be seen, or would turn its neighbours around, made visible.
  function visible(text) {
    const parts = [];
    let end = 0;
    text = String(text).replace(PILED, "$1…");
    for (const match of text.matchAll(STRANGE)) {
      parts.push(text.slice(end, match.index));
      const code = match[0].codePointAt(0).toString(16).padStart(4, "0");
      parts.push(make("span", { class: "strange" }, `\\u${code}`));
      end = match.index + match[0].length;
    }
    parts.push(text.slice(end));
    return parts;
  }
  function prose(text, tag = "p") {
    const element = make(tag, { class: "text", dir: "auto" });
    const fill = (part) => element.replaceChildren(...visible(part));
    if (text.length <= SHOWN) {
      fill(text);
      return element;
    }
    const more = make("button", { type: "button" }, `Show all ${text.length.toLocaleString("en")} characters`);
    more.addEventListener("click", () => { fill(text); });
    fill(`${text.slice(0, SHOWN)} … `);
    element.append(more);
    return element;
  }
  function number(value, signed) {
    if (value === null || value === undefined) return "–";
    const digits = Math.abs(value).toFixed(2);
    if (Number(digits) === 0) return digits;
    return (value < 0 ? "−" : signed ? "+" : "") + digits;
  }
  function scoreText(value) {
    return value === -1 || value === undefined ? "n/a" : value === null ? "missing" : number(value);
  }

  // --- the list ---------------------------------------------------------------------------------
  const value = (row, arm, metric) => {
    const scores = row[ARMS][arm];
    return scores ? scores[metric + 1] : undefined;
  };
  const usable = (score) => typeof score === "number" && score !== -1;
  function difference(row, metric) {
    const [before, after] = [value(row, 0, metric), value(row, state.arm, metric)];
    return usable(before) && usable(after) ? after - before : null;
  }
  const bits = (row, arm) => (row[ARMS][arm] ? row[ARMS][arm][0] : 0);
  const SHOW = {
    all: ["all questions", () => true],
    moved: ["that moved", (row) => state.metrics.some((m) => difference(row, m))],
    lost: ["that got worse", (row) => state.metrics.some((m) => difference(row, m) < 0)],
    gained: ["that got better", (row) => state.metrics.some((m) => difference(row, m) > 0)],
    missed: ["relevant passage not retrieved", (row) => row[BITS] & MISSED],
    refused: ["refused by the variant", (row) => bits(row, state.arm) & REFUSED],
    newly: ["refused by the variant alone", (row) => bits(row, state.arm) & REFUSED && !(bits(row, 0) & REFUSED)],
    unanswerable: ["unanswerable", (row) => row[BITS] & UNANSWERABLE],
    cut: ["cut answers", (row) => bits(row, state.arm) & CUT],
    unscored: ["without a score", (row) => (bits(row, state.arm) | bits(row, 0)) & UNSCORED],
  };
  function orders() {
    const choices = {};
    for (const metric of state.metrics) {
      const name = index.metrics[metric];
      if (state.paired) {
        choices[`lost ${metric}`] = `lost most ${name}`;
        choices[`gained ${metric}`] = `gained most ${name}`;
        choices[`moved ${metric}`] = `moved most in ${name}`;
      } else {
        choices[`low ${metric}`] = `lowest ${name}`;
        choices[`high ${metric}`] = `highest ${name}`;
      }
    }
    choices.suite = "as in the suites";
    return choices;
  }
  function key(kind, metric) {
    const paired = (sign) => (row) => {
      const d = difference(row, metric);
      return d === null ? Infinity : sign * d;
    };
    const alone = (sign) => (row) => {
      const score = value(row, state.arm, metric);
      return usable(score) ? sign * score : Infinity;
    };
    const moved = (row) => -Math.abs(difference(row, metric) || 0);
    return { lost: paired(1), gained: paired(-1), moved, low: alone(1), high: alone(-1) }[kind];
  }
  function choose() {
    const words = state.search.toLowerCase().split(/\s+/).filter(Boolean);
    const wanted = SHOW[state.show][1];
    found = [];
    index.rows.forEach((row, n) => {
      if (!row[ARMS][state.arm]) return;
      if (state.suite !== "" && row[SUITE] !== Number(state.suite)) return;
      if (state.type !== "" && row[TYPE] !== Number(state.type)) return;
      if (!wanted(row)) return;
      if (words.length && !words.every((word) => haystacks[n].includes(word))) return;
      found.push(n);
    });
    const [kind, metric] = state.order.split(" ");
    if (kind !== "suite") {
      const of = key(kind, Number(metric));
      const keys = new Map(found.map((n) => [n, of(index.rows[n])]));
      found.sort((a, b) => (keys.get(a) === keys.get(b) ? a - b : keys.get(a) - keys.get(b)));
    }
  }
  // Answers and references are searched, too; opening all blocks takes a moment, once.
  async function prepareSearch() {
    if (haystacks) return;
    const stacks = [];
    for (let n = 0; n < index.rows.length; n += BLOCK) {
      const details = await block(`details-${n / BLOCK}`);
      details.forEach((of, k) => {
        const row = index.rows[n + k];
        const answers = Object.values(of.answers).flatMap((arm) => [arm, ...(arm.draws || [])]).map((arm) => arm.text || "");
        stacks.push([`${index.suites[row[SUITE]]}::${row[ID]}`, of.question || row[TEXT],
          ...(of.references || []), ...(of.facts || []), ...(of.tags || []), of.document || "",
          ...answers].join("\n").toLowerCase());
      });
    }
    haystacks = stacks;
  }
  async function refresh() {
    const turn = ++asked;
    if (state.search.trim() && !haystacks) {
      at("found").textContent = "Searching …";
      await prepareSearch();
      if (turn !== asked) return;
    }
    choose();
    page = 0;
    draw();
  }

  function draw() {
    const pages = Math.max(Math.ceil(found.length / PAGE), 1);
    const shown = found.slice(page * PAGE, (page + 1) * PAGE);
    at("found").textContent = `${found.length.toLocaleString("en")} of ${index.rows.length.toLocaleString("en")} questions`;
    at("place").textContent = `Page ${page + 1} of ${pages}`;
    at("back").disabled = page === 0;
    at("forth").disabled = page >= pages - 1;
    drawColumns();
    at("rows").replaceChildren(...shown.map(drawRow));
  }
  function drawColumns() {
    const [kind, ordered] = state.order.split(" ");
    const columns = [make("th", { scope: "col", role: "columnheader" }, "question")];
    for (const metric of state.metrics) {
      const kinds = state.paired ? ["lost", "gained"] : ["low", "high"];
      const here = Number(ordered) === metric && kinds.includes(kind);
      const sort = here ? (kind === kinds[0] ? "ascending" : "descending") : null;
      const arrow = here ? (kind === kinds[0] ? " ▴" : " ▾") : "";
      const button = make("button", { type: "button", id: `sort-${metric}` }, index.metrics[metric], make("span", { "aria-hidden": "true" }, arrow));
      button.addEventListener("click", () => {
        state.order = `${here && kind === kinds[0] ? kinds[1] : kinds[0]} ${metric}`;
        at("order").value = state.order;
        refresh().then(() => at(`sort-${metric}`).focus());
      });
      columns.push(make("th", { scope: "col", role: "columnheader", class: "number", "aria-sort": sort }, button));
    }
    columns.push(make("th", { scope: "col", role: "columnheader" }, "marks"));
    at("columns").replaceChildren(...columns);
  }
  function drawRow(n) {
    const row = index.rows[n];
    const name = `${index.suites[row[SUITE]]}::${row[ID]}`;
    const open = make("button", { type: "button", class: "open", "aria-expanded": "false", id: `open-${n}` });
    open.append(make("bdi", {}, ...visible(row[TEXT] || name)));
    const where = make("small", { class: "question" }, ...(row[TEXT] ? visible(name) : []));
    const cells = [make("td", { role: "cell" }, open, where)];
    for (const metric of state.metrics) cells.push(drawMove(row, metric));
    cells.push(make("td", { role: "cell" }, ...marks(row)));
    const line = make("tr", { role: "row" }, ...cells);
    open.addEventListener("click", () => toggle(n, line, open));
    return line;
  }
  function drawMove(row, metric) {
    const [before, after] = [value(row, 0, metric), value(row, state.arm, metric)];
    const d = difference(row, metric);
    const cell = (...parts) => make("td", { class: "number move", role: "cell", "data-name": index.metrics[metric] }, ...parts);
    if (!state.paired) return cell(scoreText(after));
    if (d === null) return cell(`${scoreText(before)} → ${scoreText(after)}`);
    const tone = d < 0 ? "fell" : d > 0 ? "rose" : "";
    return cell(make("span", { class: tone }, number(d, true)), make("br"), " ",
      make("small", {}, `${number(before)} → ${number(after)}`));
  }
  function marks(row) {
    const names = [];
    if (row[BITS] & MISSED) names.push("not retrieved");
    if (row[BITS] & UNANSWERABLE) names.push("unanswerable");
    if (bits(row, state.arm) & REFUSED) names.push("refused");
    if (bits(row, state.arm) & CUT) names.push("cut");
    if ((bits(row, state.arm) | bits(row, 0)) & UNSCORED) names.push("no score");
    return names.map((name) => make("span", { class: "badge" }, name));
  }

  // --- one question -----------------------------------------------------------------------------
  async function toggle(n, line, open) {
    const shown = open.getAttribute("aria-expanded") === "true";
    if (shown) {
      open.setAttribute("aria-expanded", "false");
      open.removeAttribute("aria-controls");
      line.nextElementSibling.remove();
      return;
    }
    open.setAttribute("aria-expanded", "true");
    const cell = make("td", { class: "detail", role: "cell", colspan: state.metrics.length + 2, id: `detail-${n}` }, "Opening …");
    line.after(make("tr", { role: "row" }, cell));
    open.setAttribute("aria-controls", `detail-${n}`);
    cell.replaceChildren(...await detail(n));
  }
  async function detail(n) {
    const row = index.rows[n];
    const of = await item("details", n);
    const parts = [];
    const text = of.question || row[TEXT];
    if (text) parts.push(make("h3", {}, "Question"), prose(text));
    const about = [row[TYPE] >= 0 ? index.types[row[TYPE]] : "", of.document ? `document ${of.document}` : "", ...(of.tags || [])];
    if (about.some(Boolean)) parts.push(make("p", {}, make("small", {}, ...visible(about.filter(Boolean).join(" · ")))));
    if (row[BITS] & UNANSWERABLE) parts.push(make("p", {}, "Unanswerable: the corpus does not hold an answer, and declining is right."));
    parts.push(...list("References", of.references), ...list("Facts that a complete answer holds", of.facts));
    parts.push(...answers(of, row));
    parts.push(...await passages(of));
    return parts;
  }
  function list(title, texts) {
    if (!texts || !texts.length) return [];
    return [make("h3", {}, title), make("ul", {}, ...texts.map((text) => prose(text, "li")))];
  }
  async function passages(of) {
    if (!of.passages) return [make("h3", {}, "Passages"), make("p", {}, "Nothing was retrieved.")];
    const shown = [make("h3", {}, "Passages that every variant was shown")];
    for (const [rank, [at, score, relevant]] of of.passages.entries()) {
      const [id, title, text] = await item("passages", at);
      const summary = make("summary", {}, `${rank + 1}. `, make("bdi", {}, ...visible(title || id)), title ? " " : "",
        make("small", { class: "question" }, ...(title ? visible(id) : [])), ` (score ${score.toPrecision(4)})`,
        relevant ? make("span", { class: "badge" }, "relevant") : "");
      shown.push(text ? make("details", { open: relevant ? "" : null }, summary, prose(text)) : make("p", {}, ...summary.childNodes));
    }
    if (of.relevant && !of.passages.some((passage) => passage[2])) {
      shown.push(make("p", {}, ...visible(`Not among them: ${of.relevant.join(", ")}, which would be relevant.`)));
    }
    return shown;
  }
  function answers(of, row) {
    const names = index.arms.filter((name) => name in of.answers);
    const chosen = index.arms[state.arm];
    const shown = names.filter((name) => name === index.arms[0] || name === chosen);
    const texts = shown.map((name) => of.answers[name].text || "");
    const runs = shown.length === 2 ? diff(texts[0], texts[1]) : null;
    const sides = shown.map((name, side) => {
      const arm = of.answers[name];
      return make("div", { class: "side" }, make("h3", {}, ...visible(name)), said(arm, side, runs),
        ...thoughts(arm), ...scores(arm), ...draws(arm));
    });
    return [make("h3", {}, "Answers"), make("div", { class: "sides" }, ...sides)];
  }
  function draws(arm) {
    return (arm.draws || []).map((draw, sample) => make("details", {},
      make("summary", {}, `Answer ${sample + 1} of ${arm.draws.length}`), said(draw, 0, null), ...thoughts(draw), ...scores(draw)));
  }
  function said(arm, side, runs) {
    if (arm.error) return prose(`No answer: ${arm.error}`);
    const notes = [arm.draws ? `[answer 1 of ${arm.draws.length}; the scores are means]` : "",
      arm.finish === "length" ? "[cut at max_new_tokens]" : "", arm.reasoning_cut ? "[cut while thinking]" : "",
      arm.passages_dropped ? `[${arm.passages_dropped} passages dropped]` : ""].filter(Boolean).join(" ");
    const text = arm.text || "";
    const body = text && runs ? make("p", { class: "text", dir: "auto" }) : prose(text || (arm.absent ? `(recorded as ${arm.absent})` : "(no text)"));
    if (text && runs) {
      const marks = ["removed", "added"];
      for (const [kind, words] of runs) {
        if (kind === "same") body.append(...visible(words[side]));
        else if (kind === marks[side]) body.append(make(side ? "ins" : "del", {}, ...visible(words[side])));
      }
    }
    if (notes) body.append(" ", make("small", {}, notes));
    return body;
  }
  function thoughts(arm) {
    if (!arm.reasoning) return [];
    return [make("details", {}, make("summary", {}, "What it thought, which is not judged"), prose(arm.reasoning))];
  }
  function scores(arm) {
    return Object.entries(arm.scores).map(([metric, score]) => {
      const status = score.status === "not_applicable" ? "n/a" : score.status === "missing" ? "missing" : number(score.value);
      const line = make("p", { class: "text" }, make("strong", {}, ...visible(`${metric} ${status}`)), score.reason ? " – " : "", ...visible(score.reason || ""));
      const evidence = Object.entries(score.evidence || {});
      if (!evidence.length) return line;
      const shown = evidence.map(([name, found]) => `${name}: ${typeof found === "string" ? found : JSON.stringify(found)}`).join("\n");
      const details = make("details", {}, make("summary", {}, `Evidence for ${metric}`), prose(shown, "div"));
      return make("div", {}, line, details);
    });
  }
  // The longest common run of words, as `word_diff` of the package shows it elsewhere. Runs hold what
  // both sides wrote there, with their own white space.
  function diff(before, after) {
    const [old, fresh] = [before, after].map((text) => text.match(/\S+\s*/g) || []);
    const [a, b] = [old, fresh].map((words) => words.map((word) => word.trimEnd()));
    if (!a.length || !b.length || a.length > settings.mostWords || b.length > settings.mostWords) return null;
    const width = b.length + 1;
    const common = new Uint16Array((a.length + 1) * width);
    for (let i = a.length - 1; i >= 0; i--) {
      for (let j = b.length - 1; j >= 0; j--) {
        common[i * width + j] = a[i] === b[j] ? common[(i + 1) * width + j + 1] + 1
          : Math.max(common[(i + 1) * width + j], common[i * width + j + 1]);
      }
    }
    if ((2 * common[0]) / (a.length + b.length) < settings.leastAlike) return null;
    const runs = [];
    const add = (kind, ...words) => {
      const last = runs[runs.length - 1];
      if (last && last[0] === kind) words.forEach((word, side) => { last[1][side] += word; });
      else runs.push([kind, words]);
    };
    let [i, j] = [0, 0];
    while (i < a.length || j < b.length) {
      if (i < a.length && j < b.length && a[i] === b[j]) add("same", old[i++], fresh[j++]);
      else if (j >= b.length || (i < a.length && common[(i + 1) * width + j] >= common[i * width + j + 1])) add("removed", old[i++], "");
      else add("added", "", fresh[j++]);
    }
    return runs;
  }

  // --- controls ---------------------------------------------------------------------------------
  function fill(select, choices, chosen) {
    select.replaceChildren(...Object.entries(choices).map(([name, text]) =>
      make("option", { value: name, selected: name === chosen ? "" : null }, ...visible(text).map((p) => p.textContent ?? p))));
    select.value = chosen;
    select.parentElement.hidden = Object.keys(choices).length < 2;
  }
  function named(names, all) {
    return Object.fromEntries([["", all], ...names.map((name, n) => [String(n), name])]);
  }
  function setArm(arm) {
    state.arm = arm;
    state.paired = index.there[0];
    const there = (metric) => index.rows.some((row) => usable(value(row, arm, metric)));
    state.metrics = index.metrics.map((_, metric) => metric).filter(there);
    const choices = orders();
    const first = Object.keys(choices)[0];
    if (!(state.order in choices)) state.order = first;
    fill(at("order"), choices, state.order);
    const shown = state.paired ? Object.keys(SHOW) : ["all", "missed", "refused", "unanswerable", "cut", "unscored"];
    fill(at("show"), Object.fromEntries(shown.map((name) => [name, SHOW[name][0]])), state.show);
  }
  async function follow() {
    if (!location.hash.startsWith("#question=")) return;
    let wanted;
    try {
      wanted = JSON.parse(decodeURIComponent(location.hash.slice("#question=".length)));
    } catch { return; }
    if (!Array.isArray(wanted)) return;
    const suite = index.suites.indexOf(wanted[0]);
    const n = index.rows.findIndex((row) => row[SUITE] === suite && row[ID] === wanted[1]);
    if (n < 0) return;
    const arm = index.arms.indexOf(wanted[2]);
    Object.assign(state, { search: "", suite: "", type: "", show: "all" });
    at("search").value = at("suite").value = at("type").value = "";
    if (arm > 0) { setArm(arm); at("variant").value = String(arm); }
    at("show").value = "all";
    await refresh();
    page = Math.max(Math.floor(found.indexOf(n) / PAGE), 0);
    draw();
    const open = at(`open-${n}`);
    if (!open) return;
    open.scrollIntoView({ block: "start" });
    open.focus({ preventScroll: true });
    if (open.getAttribute("aria-expanded") !== "true") open.click();
  }
  async function start() {
    index = await block("index");
    state = { search: "", suite: "", type: "", show: "all", order: "", arm: 1 };
    const variants = index.arms.map((_, n) => n).filter((n) => n > 0 && index.there[n]);
    if (!variants.length) return;
    fill(at("variant"), Object.fromEntries(variants.map((n) => [String(n), index.arms[n]])), String(variants[0]));
    fill(at("suite"), named(index.suites, "all suites"), "");
    fill(at("type"), named(index.types, "all types"), "");
    setArm(variants[0]);
    at("variant").addEventListener("change", (event) => { setArm(Number(event.target.value)); refresh(); });
    for (const name of ["suite", "type", "show", "order"]) {
      at(name).addEventListener("change", (event) => { state[name] = event.target.value; refresh(); });
    }
    let waiting;
    at("search").addEventListener("input", (event) => {
      clearTimeout(waiting);
      waiting = setTimeout(() => { state.search = event.target.value; refresh(); }, 150);
    });
    document.querySelector("form.tools").addEventListener("submit", (event) => event.preventDefault());
    const turn = (step) => { page += step; draw(); at("questions").scrollIntoView(); at("found").tabIndex = -1; at("found").focus({ preventScroll: true }); };
    at("back").addEventListener("click", () => turn(-1));
    at("forth").addEventListener("click", () => turn(1));
    await refresh();
    at("explorer").hidden = false;
    window.addEventListener("hashchange", follow);
    await follow();
    document.documentElement.dataset.ready = "yes";
  }
  start().catch(() => { at("unreadable").hidden = false; });
})();
