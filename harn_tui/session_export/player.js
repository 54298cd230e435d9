"use strict";
(function () {
  const data = JSON.parse(document.getElementById("data").textContent);
  const events = data.events;
  const LONGEST_GAP_MS = 2000;
  const LONGEST_BODY = 20000;
  const byId = (id) => document.getElementById(id);
  const rows = byId("rows");
  let place = 0, playing = false, timer = null, state = null;

  // Texts are set as texts, always: nothing of a session is ever markup.
  function element(name, className, text) {
    const made = document.createElement(name);
    made.className = className;
    if (text !== undefined) made.textContent = text;
    return made;
  }
  function add(node) { rows.appendChild(node); return node; }
  function row(className, text) { state.text = null; return add(element("div", "row " + className, text)); }
  const words = (value) => typeof value === "string" ? value : JSON.stringify(value, null, 1);
  const short = (text) => { const line = String(text).replace(/\s+/g, " "); return line.length > 140 ? line.slice(0, 139) + "…" : line; };

  function begin() {
    rows.textContent = "";
    state = { text: null, kind: "", tools: new Map(), attempt: [], claimed: "", lines: new Map(), summary: null, user: null };
  }
  function stream(kind, content) {
    if (state.text === null || state.kind !== kind) {
      row(kind === "thought" ? "thought" : "said", "");
      state.text = rows.lastChild; state.kind = kind; state.attempt.push(state.text);
    }
    state.text.textContent += content;
  }
  function tool(event) {
    let known = state.tools.get(event.tool_call_id);
    if (!known || (event.type === "tool_call" && known.ended)) {
      const box = element("details", "row tool"), head = element("summary", "head");
      const body = element("div", "body");
      state.text = null; box.append(head, body); add(box);
      known = { box, head, body, name: event.tool_name, input: null, output: "", ended: false };
      state.tools.set(event.tool_call_id, known); state.attempt.push(box);
    }
    return known;
  }
  function title(known, sign) {
    const input = known.input === null ? "" : short(words(known.input));
    known.head.textContent = sign + " " + known.name + " " + input;
  }
  function diff(body, text) {
    body.textContent = "";
    for (const line of text.slice(0, LONGEST_BODY).split("\n")) {
      const kind = line.startsWith("+") ? "add" : line.startsWith("-") ? "cut" : "same";
      body.append(element("div", kind, line || " "));
    }
  }
  function toolUpdate(event) {
    const known = tool(event);
    if (event.raw_input !== undefined && event.raw_input !== null) known.input = event.raw_input;
    const ended = event.status === "completed" || event.status === "failed";
    title(known, ended ? (event.status === "failed" ? "✗" : "✓") : event.status === "in_progress" ? "…" : "○");
    if (!ended) return;
    known.ended = true;
    known.box.classList.add(event.status === "failed" ? "failed" : "done");
    const output = event.raw_output || {}, details = output.details || {};
    if (typeof details.diff === "string" && details.diff) { diff(known.body, details.diff); known.box.open = true; return; }
    const text = output.text !== undefined ? words(output.text) : event.error || known.output;
    known.body.textContent = text.slice(0, LONGEST_BODY) + (text.length > LONGEST_BODY ? "\n…" : "");
    if (event.status === "failed") known.box.open = true;
  }

  const steps = {
    session_start() {},
    turn_start() { state.text = null; }, turn_end() { state.text = null; },
    loop_start() { state.text = null; },
    llm_call_start() { state.text = null; state.attempt = []; }, llm_call_end() { state.text = null; },
    agent_message_chunk(event) { stream("said", event.content); },
    agent_thought_chunk(event) { stream("thought", event.content); },
    user_message(event) { state.user = row("user", event.content); },
    feedback_state(event) {
      if (event.content !== undefined) state.lines.set(event.feedback_id, event.content);
      if (event.state === "claimed") state.claimed = event.feedback_id;
    },
    feedback_injected(event) {
      if (event.kind === "user") state.user = row("user steered", event.content);
      else row("feedback", "[" + event.kind + "] " + event.content);
    },
    message_recorded(event) {
      const message = event.message;
      if (state.summary && message.kind === "compaction_summary") state.summary.textContent = words(message.content);
      for (const image of message.images || []) {
        const address = data.images[image.blob];
        if (!address || !state.user) continue;
        const picture = element("img", ""); picture.src = address; picture.alt = String(image.name || "image");
        state.user.append(picture);
      }
    },
    tool_call(event) { const known = tool(event); known.input = event.raw_input; title(known, "○"); },
    tool_call_update: toolUpdate,
    tool_output(event) {
      const known = state.tools.get(event.tool_call_id);
      if (known) { known.output = (known.output + event.chunk).slice(-LONGEST_BODY); known.body.textContent = known.output; }
    },
    llm_retry(event) {
      for (const node of state.attempt) node.classList.add("void");
      state.attempt = []; row("notice warning", "Retry " + event.attempt + ": " + event.message);
    },
    permission_request(event) { row("notice", "? " + event.tool_name + ": " + event.summary); },
    permission_decision(event) { row("notice", event.decision === "allow" ? "✓ allowed" : "✗ denied"); },
    plan(event) {
      const listed = (event.plan && event.plan.steps) || [];
      const signs = { completed: "✓", in_progress: "…" };
      row("notice", "Plan\n" + listed.map((s) => (signs[s.status] || "○") + " " + s.content).join("\n"));
    },
    transcript_compacted(event) {
      row("notice", "≡ Compacted: " + event.archived_messages + " messages replaced by a summary");
      state.summary = element("div", "body", ""); rows.append(state.summary);
    },
    worker_update(event) { row("notice", "◇ agent " + event.worker_name + ": " + event.status); },
    notice(event) { row("notice " + event.level, event.text); },
    skill_activated(event) { row("notice", "Skill " + event.skill_name + ": " + event.reason); },
    loop_end(event) { if (event.status !== "done") row("notice warning", event.status + ": " + event.reason); },
  };
  function apply(event) {
    const step = Object.prototype.hasOwnProperty.call(steps, event.type) ? steps[event.type] : null;
    // An event whose values are of another form than expected is shown as it is.
    if (step) try { step(event); return; } catch (problem) { console.warn(problem); }
    const { at, type, ...rest } = event;
    const box = element("details", "row generic");
    box.append(element("summary", "head", "event " + type), element("div", "body", JSON.stringify(rest, null, 1).slice(0, LONGEST_BODY)));
    state.text = null; add(box);
  }

  function go(target, follows = true) {
    const wanted = Math.max(0, Math.min(target, events.length));
    const isAtEnd = window.innerHeight + window.scrollY >= document.body.scrollHeight - 80;
    if (wanted < place || state === null) { begin(); place = 0; }
    while (place < wanted) apply(events[place++]);
    if (follows && (isAtEnd || playing)) window.scrollTo(0, document.body.scrollHeight);
    show();
  }
  function clockWords(ms) {
    const s = Math.floor(ms / 1000);
    return Math.floor(s / 60) + ":" + String(s % 60).padStart(2, "0");
  }
  function show() {
    const at = (i) => i > 0 && events.length ? events[Math.min(i, events.length) - 1].at : 0;
    byId("place").max = String(events.length); byId("place").value = String(place);
    byId("play").textContent = playing ? "Pause" : "Play";
    byId("clock").textContent = place + "/" + events.length + "  " + clockWords(at(place)) + "/" + clockWords(at(events.length));
  }
  function schedule() {
    clearTimeout(timer);
    if (!playing) return;
    if (place >= events.length) { playing = false; show(); return; }
    const before = place > 0 ? events[place - 1].at : 0;
    const gap = Math.min(Math.max(0, events[place].at - before), LONGEST_GAP_MS);
    timer = setTimeout(() => { go(place + 1); schedule(); }, gap / Number(byId("speed").value));
  }
  function pauseAt(target) { playing = false; clearTimeout(timer); go(target); }
  function after(isEnd) {
    for (let i = place; i < events.length; i++) if (isEnd(events[i])) return i + 1;
    return events.length;
  }
  const turnEnds = (event) => event.type === "turn_end";
  const callEnds = (event) => event.type === "tool_call_update" && (event.status === "completed" || event.status === "failed");
  const actions = {
    first: () => pauseAt(0), back: () => pauseAt(place - 1), step: () => pauseAt(place + 1),
    last: () => pauseAt(events.length), turn: () => pauseAt(after(turnEnds)), tool: () => pauseAt(after(callEnds)),
    play() { if (!playing && place >= events.length) go(0); playing = !playing; show(); schedule(); },
    theme() {
      const root = document.documentElement, system = window.matchMedia("(prefers-color-scheme: dark)").matches;
      const isDark = root.dataset.theme ? root.dataset.theme === "dark" : system;
      root.dataset.theme = isDark ? "light" : "dark";
    },
  };
  for (const name of Object.keys(actions)) byId(name).addEventListener("click", actions[name]);
  byId("place").addEventListener("input", () => pauseAt(Number(byId("place").value)));
  byId("speed").addEventListener("change", schedule);
  const keys = { " ": "play", ArrowLeft: "back", ArrowRight: "step", Home: "first", End: "last", t: "turn", c: "tool", d: "theme" };
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || ["INPUT", "SELECT", "BUTTON"].includes(event.target.tagName)) return;
    const name = keys[event.key];
    if (name) { event.preventDefault(); actions[name](); }
  });
  const s = data.session, cost = s.cost_usd === null ? "" : ", $" + s.cost_usd.toFixed(4);
  byId("facts").textContent = [s.provider, s.model].filter(Boolean).join(" ") + " · " + s.turns + " turns · " +
    s.input_tokens + " tokens sent, " + s.output_tokens + " received" + cost + " · secrets that were found are redacted";
  go(events.length, false);
})();
