// Showing the records of a bundle.
const FILTERS = ["all", "hit", "context", "parent", "stated", "changed", "files", "cut"];
const CHANGED = new Set(["edited", "deleted", "restored"]);
class View {
  constructor(check, view, images) {
    Object.assign(this, { check, view, images, thread: null, shown: PAGE, needle: "", filter: "all", threads: new Map(), targets: new Map() });
    this.whats = new Map();
    this.derived = new Map(); // the maker's copies of redacted texts: no proof covers them, the signature of the folder does
    for (const line of (check.files.get("bag/data/redactions.jsonl") ?? "").split("\n").filter(Boolean)) {
      const { index, text, what } = JSON.parse(line);
      if (typeof text === "string") this.derived.set(index, text);
      if (what) this.whats.set(index, what); // in place of what would tell the text: an id that is a hash of it
    }
    this.stated = new Map(); // finds of the maker's lexicon: a help for reading, no proof covers them
    for (const line of (check.files.get("bag/data/statements.jsonl") ?? "").split("\n").filter(Boolean)) {
      const one = JSON.parse(line);
      this.stated.set(one.index, [...(this.stated.get(one.index) ?? []), one]);
    }
    // Names as the maker's archive has them; a record that tells one, and so proves it, goes before.
    const names = JSON.parse(check.files.get("bag/data/metadata/conversations.json") ?? "[]");
    this.titles = new Map(names.map(([key, title]) => [keyOf(key), string(title)]));
    this.numbers = new Map();
  }
  // Take in what a record shows of itself; the rest is opened when it is drawn.
  seen(record, { row, values }) {
    const { extra, targets, time, text, title, author, attachments } = values, what = values.what ?? this.whats.get(record.index);
    if (what?.body === "thread" && extra) this.titles.set(keyOf(extra.key), string(extra.title));
    for (const target of targets ?? []) {
      if (target.relation === "of" && target.key) this.targets.set(keyOf(target.key), [...(this.targets.get(keyOf(target.key)) ?? []), { index: record.index, event: what?.event }]);
    }
    if (what?.event === "posted") this.numbers.set(keyOf(what.key), record.index);
    record.time = time?.utc ?? "";
    record.why = row?.why ?? "";
    const traits = { stated: this.stated.has(record.index), changed: CHANGED.has(what?.event) || (what?.body === "item" && (extra?.edited || extra?.deleted)),
      files: attachments?.length, cut: row?.facets?.some?.((one) => typeof one === "string") };
    record.traits = [record.why, ...Object.keys(traits).filter((name) => traits[name])].join(" ");
    record.words = [string(title), string(text), this.derived.get(record.index), author?.written, accountOf(author), ...(attachments ?? []).map((one) => one.name)].join("\n").toLowerCase();
    const key = what?.body === "item" ? what.thread : null, name = key ? keyOf(key) : "";
    if (!this.threads.has(name)) this.threads.set(name, { key, records: [], sorted: false });
    const thread = this.threads.get(name);
    thread.records.push(record);
    thread.sorted = false;
    if (!this.threads.get(this.thread)?.key) this.thread = name;
  }
  recordsOf(thread) {
    if (!thread.sorted) thread.records.sort((a, b) => (a.time < b.time ? -1 : a.time > b.time ? 1 : a.index - b.index));
    thread.sorted = true;
    return thread.records.filter((record) => this.matches(record));
  }
  titleOf(thread) {
    if (!thread.key) return word("others");
    return [this.titles.get(keyOf(thread.key)), `${thread.key.channel} ${thread.key.id}`].filter(Boolean).join(" \u00b7 ");
  }
  get narrowed() { return this.needle || this.filter !== "all"; }
  matches(record) { return (this.filter === "all" || record.traits.includes(this.filter)) && (!this.needle || record.words.includes(this.needle)); }
  async draw() {
    this.drawList();
    const thread = this.threads.get(this.thread), records = thread ? this.recordsOf(thread) : [];
    const drawing = (this.drawing = (this.drawing ?? 0) + 1), articles = [];
    for (const record of records.slice(0, this.shown)) articles.push(this.message(record, await this.check.opened(record)));
    if (drawing !== this.drawing) return; // somebody chose another conversation meanwhile
    $("thread-title").replaceChildren();
    if (thread) fill($("thread-title"), this.titleOf(thread));
    $("messages").replaceChildren(...articles);
    $("more").hidden = records.length <= this.shown;
  }
  drawList() {
    const list = $("thread-list");
    list.replaceChildren();
    let found = 0;
    for (const [name, thread] of this.threads) {
      const count = this.narrowed ? thread.records.filter((record) => this.matches(record)).length : thread.records.length;
      found += count;
      const item = node("li"), button = fill(node("button"), this.titleOf(thread));
      button.type = "button";
      button.append(` (${count})`);
      if (name === this.thread) button.setAttribute("aria-current", "true");
      button.addEventListener("click", () => { this.thread = name; this.shown = PAGE; this.draw(); $("content").focus(); });
      item.append(button);
      list.append(item);
    }
    $("found").textContent = this.narrowed ? found + word("found") : "";
  }
  message(record, opened) {
    const { values, row, leaf } = opened, { author, time } = values, what = values.what ?? this.whats.get(record.index);
    const box = node("article", `${row?.why ?? ""} ${record.problem ? "bad" : "ok"}`);
    box.id = "record-" + record.index;
    box.tabIndex = 0;
    box.setAttribute("aria-label", word("number") + record.index);
    const head = node("div", "head");
    head.append(node("span", "meta", word("number") + record.index));
    if (author) head.append(fill(node("bdi", "author"), author.written ?? author.handle ?? word("nobody")), fill(node("bdi", "account"), accountOf(author)));
    if (isMixed(author?.written)) head.append(node("span", "badge", word("mixed")));
    if (time) {
      if (time.utc) head.append(node("span", "meta", zoned(Date.parse(time.utc.replace(/(\.\d{3})\d*/, "$1")), this.view, time.precision)));
      head.append(fill(node("bdi", "meta"), word("written") + time.written));
      if (time.zone_source === "assumed") head.append(fill(node("bdi", "meta"), word("assumed") + (time.zone ?? "")));
    }
    head.append(node("span", "badge", word(row?.why ?? "malformed")));
    if (what?.event && what.event !== "posted") head.append(node("span", "badge", word(what.event)));
    else if (what?.body !== "item") head.append(node("span", "badge", leaf?.kind ?? ""));
    box.append(head, ...this.body(record, opened));
    for (const [index, key] of this.check.findings) {
      if (index === record.index) box.append(node("p", "problem", word(key)));
    }
    if (leaf) box.append(node("div", "meta", word("sealed") + zoned(leaf.time * 1000, this.view) + this.bracket(record.index)));
    return box;
  }
  bracket(index) { // what the tokens say, as the signed statement of the production has it
    const stamps = this.check.production.stamps ?? [], told = (seconds) => (seconds === undefined ? "…" : zoned(seconds * 1000, this.view));
    const after = stamps.filter((one) => one[0] < index).map((one) => one[2]).sort((a, b) => b - a)[0];
    const before = stamps.filter((one) => one[1] > index).map((one) => one[3]).sort((a, b) => a - b)[0];
    return stamps.length ? word("between") + told(after) + " – " + told(before) : "";
  }
  *states({ what, extra, reactions }) { // what the platform says of a message beside its words
    const at = (time) => (time?.utc ? zoned(Date.parse(time.utc.replace(/(\.\d{3})\d*/, "$1")), this.view, time.precision) : time?.written ?? "");
    if (what?.body === "item" && extra?.edited) yield fill(node("span", "badge"), word("editedMark") + at(extra.edited.time));
    if (what?.body === "item" && extra?.deleted) yield fill(node("span", "badge"), word("deletedMark") + word(["author", "admin", "platform"].includes(extra.deleted.by) ? extra.deleted.by : "nobody") + (extra.deleted.reason ? `, ${extra.deleted.reason}` : ""));
    if (what?.body === "item" && extra?.expires) yield fill(node("span", "badge"), word("expires") + at(extra.expires));
    if (reactions?.rating) yield fill(node("span", "badge"), word("rating") + reactions.rating.value + (reactions.rating.best ? ` / ${reactions.rating.best}` : ""));
    for (const one of reactions?.reactions ?? []) yield fill(node("span", "badge"), [one.value, one.count ?? "", (one.actors ?? []).map(nameOf).join(", ")].filter(Boolean).join(" "));
  }
  *body(record, { values, row }) {
    if (row?.facets === null && !row.frame) yield node("p", "withheld", word("noKey"));
    const hidden = FACETS.filter((name, i) => typeof row?.facets?.[i] === "string");
    if (hidden.length) yield node("p", "withheld", word("withheld") + hidden.join(", "));
    const derived = hidden.includes("text") && this.derived.get(record.index);
    if (derived) yield node("p", "withheld", word("derived"));
    if (derived) yield this.marked(node("div", "text derived"), derived, record.index);
    if (values.recipients?.length) yield fill(node("div", "meta"), values.recipients.map((one) => `${word(one.role)} ${nameOf(one.actor)}`).join("; "));
    if (values.title) yield fill(node("div", "author"), string(values.title), this.needle);
    if (values.text) yield this.marked(node("div", "text"), string(values.text), record.index);
    if (values.text || derived) for (const one of this.stated.get(record.index) ?? []) {
      const values = Object.entries(one.values).map(([name, value]) => ` ${name} ${value}`).join(",");
      yield fill(node("div", "meta stated"), `${word("statedBy")}${one.statement} ${statedAs(one)};${values}${one.decision ? ` (${word(one.decision)})` : ""}`);
    }
    for (const target of values.targets ?? []) {
      const other = this.numberOf(target.key);
      yield fill(node("div", "meta"), `${word(target.relation)}: ${other ?? target.key?.id ?? target.written_id ?? ""} ${target.excerpt ?? ""}`);
    }
    yield* this.states(values);
    for (const one of values.attachments ?? []) yield* this.attachment(one);
    if (values.what?.body === "capture" && values.extra) yield* this.attachment({ ...values.extra, name: values.extra.member ?? values.extra.origin, state: "present" });
    for (const later of this.targets.get(keyOf(values.what?.key)) ?? []) {
      if (later.index !== record.index) yield node("div", "meta", `${word("later")}${word(later.event)} (${word("number")}${later.index})`);
    }
  }
  marked(element, text, index) { // places count characters, not the units of this language
    const found = this.needle ? [] : (this.stated.get(index) ?? []).filter((one) => typeof one.start === "number" && typeof one.end === "number");
    if (!found.length) return fill(element, text, this.needle);
    element.dir = "auto";
    const characters = Array.from(text);
    let at = 0;
    for (const one of [...found].sort((a, b) => a.start - b.start)) {
      if (one.start < at || one.end > characters.length) continue;
      fill(element, characters.slice(at, one.start).join(""));
      const mark = node("mark", "stated");
      mark.title = `${one.statement} ${statedAs(one)}`;
      element.append(fill(mark, characters.slice(one.start, one.end).join("")));
      at = one.end;
    }
    return fill(element, characters.slice(at).join(""));
  }
  numberOf(key) {
    const index = key ? this.numbers.get(keyOf(key)) : undefined;
    return index === undefined ? undefined : word("number") + index;
  }
  *attachment(one) {
    const line = fill(node("div", "meta"), `${word("attachment")}${one.name ?? ""} (${one.media_type ?? "?"}, ${one.length ?? "?"} B) ${word(one.state)} ${one.reason ?? ""}`);
    const path = one.sha256 && this.path(one.sha256);
    if (one.sha256) line.append(" ", path ? word("inBundle") + path : word("notHere"));
    yield line;
    const image = path && this.images.get(one.sha256);
    if (image) {
      const shown = node("img");
      shown.alt = word("attachment") + (one.name ?? "");
      shown.src = `data:${image.type};base64,${image.data}`;
      yield shown;
    }
  }
  path(digest) {
    this.paths ??= new Map([...this.check.manifest.keys()].filter((path) => path.includes("/originals/")).map((path) => [path.split("/").pop().split(".")[0], path]));
    return this.paths.get(digest);
  }
}
