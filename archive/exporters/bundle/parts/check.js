// Checking what this page carries. Findings are data: [record number or null, key of WORDS, detail].
const FACETS = ["what", "time", "author", "recipients", "targets", "title", "text", "body", "attachments", "reactions", "extra", "raw"];
const ROLES = {
  clear: { genesis: "owner", keys: "owner recovery", recovered: "owner recovery", restored: "owner recovery", disowned: "owner recovery",
    anchor: "ingest", renewal: "ingest", stream_ends: "ingest", erase: "legal", erased: "privacy", resealed: "ingest legal recovery",
    orphan: "owner ingest legal privacy recovery" },
  state: { secret: "ingest", seen: "ingest", cursor: "ingest" },
  oversight: { hold: "legal", production: "legal", run: "ingest", read: "owner ingest legal privacy", request: "legal privacy",
    plan: "legal privacy", approval: "owner legal privacy", policy: "owner", person: "owner" },
  matter: { matter: "legal", selection: "legal", party: "legal", decision: "legal", note: "legal", certificate: "legal" },
  content: { item: "ingest", account: "ingest", thread: "ingest", capture: "ingest", sighting: "ingest" },
};
const LEAF = ["class", "commitment", "frame_length", "frame_sha256", "index", "kind", "previous", "segment", "stream", "stream_position", "time", "version"];
const HEADER = ["origin", "writer", "batch", "first", "count", "time", "previous", "last", "index", "page", "slots"];
const WHY = ["hit", "context", "parent", "capture", "keys"];

// Inclusion (RFC 9162 §2.1.3.2); sizes stay below 2^53, so no bit operators. Neighbours share most of their paths: from a
// node on that was proven with the same rest of a path, it is not computed again.
class Tree {
  constructor(size, root) { Object.assign(this, { size, root, proven: [] }); }
  holds(hash, index, path) {
    need(index < this.size && Array.isArray(path) && path.length < 64, "tree");
    const half = (n) => Math.floor(n / 2), way = [];
    let node = index, last = this.size - 1, found = hash;
    for (const [at, text] of path.entries()) {
      const known = this.proven[at];
      if (known && known.node === node && known.last === last && same(known.hash, found) && known.rest === path.slice(at).join()) {
        this.keep(way, path);
        return true;
      }
      way.push({ node, last, hash: found });
      need(last > 0, "tree");
      const sibling = fromB64u(text, 32);
      if (node % 2 || node === last) {
        found = sha256(ONE, sibling, found);
        while (node && node % 2 === 0) { node = half(node); last = half(last); }
      } else found = sha256(ONE, found, sibling);
      node = half(node); last = half(last);
    }
    if (last !== 0 || !same(found, this.root)) return false;
    this.keep(way, path);
    return true;
  }
  keep(way, path) { for (const [at, one] of way.entries()) this.proven[at] = { ...one, rest: path.slice(at).join() }; }
}
const ONE = Uint8Array.of(1);
function readCheckpoint(text) {
  const note = parseNote(text), lines = note.text.split("\n");
  need(lines.length === 4 && lines[3] === "" && /^(0|[1-9][0-9]{0,15})$/.test(lines[1]), "malformed");
  const root = fromBase64(lines[2]);
  need(root.length === 32, "malformed");
  return { note, origin: lines[0], size: Number(lines[1]), root };
}

// Records lie in blocks of packed lines (zlib, base64). What was read of them is let go again, so that memory holds
// what is shown and not what there is; a record that is to be shown is opened anew from the block that was checked.
const OPEN = 12;
class Blocks {
  constructor(elements) { this.elements = elements; this.open = new Map(); }
  async bytes(at) {
    const packed = new Blob([unpacked(this.elements[at].textContent)]).stream();
    return new Uint8Array(await new Response(packed.pipeThrough(new DecompressionStream("deflate"))).arrayBuffer());
  }
  linesOf(bytes) { return new TextDecoder("utf-8", { fatal: true }).decode(bytes).split("\n").slice(0, -1); }
  async lines(at) {
    const known = this.open.get(at) ?? this.linesOf(await this.bytes(at));
    this.open.delete(at);
    this.open.set(at, known); // the newest last
    if (this.open.size > OPEN) this.open.delete(this.open.keys().next().value);
    return known;
  }
}
function unpacked(text) { // no strict reading: the digest of the file decides
  const binary = atob(text), bytes = new Uint8Array(binary.length);
  for (let at = 0; at < binary.length; at++) bytes[at] = binary.charCodeAt(at);
  return bytes;
}
function parsed(line) { // as far as it goes: what is malformed is found by the check
  const found = { row: null, leaf: null, values: {} };
  try { found.row = JSON.parse(line); found.leaf = JSON.parse(found.row.leaf); } catch { /* said by the check */ }
  for (const facet of found.row?.facets ?? []) {
    try { if (Array.isArray(facet)) { const [key, value] = JSON.parse(facet[1]); found.values[key] = value; } } catch { /* the same */ }
  }
  return found;
}

class Check {
  constructor(files, blocks) {
    Object.assign(this, { files, blocks, findings: [], unknown: [], records: [], headers: new Map(), keys: new Keys(), kinds: new Map(), streams: new Map() });
    this.byIndex = new Map(); this.manifest = new Map(); this.before = -1; this.beforeHash = null; this.logKeys = []; this.production = {};
  }
  add(index, error, detail = "") {
    this.findings.push([index, error instanceof Bad ? error.message : "malformed", detail]);
    const record = index !== null && this.byIndex.get(index);
    if (record) record.problem = true;
  }
  async attempt(index, action, detail) { try { return await action(); } catch (error) { this.add(index, error, detail); return null; } }
  async opened(record) { return parsed((await this.blocks.lines(record.block))[record.at]); }

  // One pass: each record is read, given to ``seen`` for showing, and checked; ``progress`` hears how far it is.
  async run(seen, progress) {
    this.readManifest();
    await probeEd25519();
    need(toHex(sha256(utf8("abc"))) === "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad", "malformed");
    if (!hasEd25519) this.unknown.push([null, "noEd25519", ""]);
    this.checkpoint = await this.attempt(null, () => readCheckpoint(JSON.parse(this.files.get("signatures/checkpoint.txt"))));
    this.tree = new Tree(this.checkpoint?.size ?? 0, this.checkpoint?.root);
    await this.checkFiles();
    this.readHeaders();
    await this.checkRecords(seen, progress);
    if (hasEd25519 && this.checkpoint) {
      await this.checkWriters();
      await this.attempt(null, () => this.checkLog());
      await this.attempt(null, () => this.checkProduction(), "");
    }
  }
  readManifest() {
    try {
      for (const line of JSON.parse(this.files.get("bag/manifest-sha256.txt")).split("\n").slice(0, -1)) {
        need(/^[0-9a-f]{64}  data\/[A-Za-z0-9_.\/-]+$/.test(line), "malformed");
        this.manifest.set("bag/" + line.slice(66), line.slice(0, 64));
      }
    } catch (error) { this.add(null, error, "manifest-sha256.txt"); }
  }
  async checkRecords(seen, progress) {
    const { elements } = this.blocks;
    let paused = Date.now(), whole = [];
    for (let block = 0; block < elements.length; block++) {
      const file = elements[block].dataset.part, bytes = await this.attempt(null, () => this.blocks.bytes(block), file);
      whole.push(bytes ?? new Uint8Array());
      for (const [at, line] of ((await this.attempt(null, () => this.blocks.linesOf(bytes), file)) ?? []).entries()) {
        this.line(line, block, at, seen);
        if (Date.now() - paused > 100) { progress((block + at / 1000) / elements.length); await new Promise((go) => setTimeout(go)); paused = Date.now(); }
      }
      if (elements[block + 1]?.dataset.part !== file) { // the last block of a file: it is the one that the signed manifest lists
        if ((await digestOf(new Blob(whole))) !== this.manifest.get(file)) this.findings.push([null, "file", file]);
        whole = [];
      }
    }
  }
  line(line, block, at, seen) {
    let found = null, problem = null;
    try { found = this.record(line); } catch (error) { problem = error; }
    found ??= parsed(line);
    const record = { index: found.row?.index ?? null, block, at, problem: problem !== null };
    this.records.push(record);
    if (record.index !== null) this.byIndex.set(record.index, record);
    if (problem) this.add(record.index, problem);
    seen(record, found);
  }

  async checkFiles() { // every embedded file is the one that the signed manifest lists
    for (const [name, text] of this.files) {
      if (name.startsWith("bag/data/") && (await digestOf(new Blob([text]))) !== this.manifest.get(name)) this.findings.push([null, "file", name]);
    }
    const here = new Set([...this.files.keys(), ...this.blocks.elements.map((one) => one.dataset.part)]);
    for (const name of this.manifest.keys()) {
      if (/^bag\/data\/(records\/|segments|statements\.jsonl|redactions\.jsonl|metadata\/(conversations|matter|rule|exceptions)\.json)/.test(name) && !here.has(name)) this.findings.push([null, "fileMissing", name]);
    }
  }

  readHeaders() {
    let before = null;
    for (const text of (this.files.get("bag/data/segments.jsonl") ?? "").split("\n").slice(0, -1)) {
      try {
        const row = members(decode(text, true), ["first", "note"]), note = parseNote(row.note), lines = note.text.split("\n");
        need(lines.length === 13 && lines[0] === "beleg/segment/v1" && note.signatures.length === 1, "segment");
        const pairs = lines.slice(1, -1).map((line) => [line.slice(0, line.indexOf(" ")), line.slice(line.indexOf(" ") + 1)]);
        need(pairs.map(([name]) => name).join() === HEADER.join(), "segment");
        const header = { ...Object.fromEntries(pairs), note };
        for (const name of ["first", "count", "time"]) { need(/^(0|[1-9][0-9]{0,15})$/.test(header[name]), "segment"); header[name] = Number(header[name]); }
        const { first, count } = header;
        need(first === row.first && count >= 1 && count <= 4096, "segment");
        const parts = [["writer", 16], ["batch", 16], ["page", 32], ["slots", 32]].map(([name, length]) =>
          header[name] === "none" ? new Uint8Array(length) : fromHex(header[name], length));
        header.digest = sha256(Uint8Array.of(6), ...parts, bigEndian(first, 8), bigEndian(count, 4));
        need(!before || first > before.first + before.count || (first === before.first + before.count && header.previous === before.last), "chain");
        this.headers.set(first, header);
        before = header;
      } catch (error) { this.add(null, error, "segments.jsonl"); }
    }
  }

  record(line) { // give what it holds
    need(this.checkpoint, "checkpoint");
    const row = members(decode(line, true), ["facets", "frame", "index", "leaf", "path", "segment", "why"]);
    const index = whole(row.index), raw = utf8(row.leaf), leaf = decode(row.leaf), hash = sha256(Uint8Array.of(0), raw);
    const before = this.before, beforeHash = this.beforeHash;
    this.before = Math.max(before, index); this.beforeHash = hash;
    need(index > before, "order");
    need(raw.length <= 512 && this.tree.holds(hash, index, row.path), "tree");
    if (leaf.version !== 1 || !Object.hasOwn(ROLES, leaf.class) || !Object.hasOwn(ROLES[leaf.class], leaf.kind)) {
      this.unknown.push([index, "unknownRecord", ""]);
      return parsed(line);
    }
    members(leaf, LEAF);
    need(whole(leaf.frame_length) >= 2 && whole(leaf.time) < 2 ** 40, "malformed");
    const previous = fromB64u(leaf.previous, 32);
    need(leaf.index === index && (index !== before + 1 || same(previous, index === 0 ? new Uint8Array(32) : beforeHash)), "chain");
    need(WHY.includes(row.why) && (row.why !== "keys" || leaf.class === "clear"), "malformed");
    this.segment(row, leaf, hash, previous);
    this.position(leaf);
    if (leaf.class === "clear") this.clear(row, leaf);
    return { row, leaf, values: leaf.class === "clear" ? {} : this.facets(row, leaf) };
  }
  segment(row, leaf, hash, previous) {
    const header = this.headers.get(row.segment), { index } = leaf;
    need(header && header.first <= index && index < header.first + header.count, "segment");
    need(same(fromB64u(leaf.segment, 32), header.digest) && leaf.time === header.time, "segment");
    need(leaf.class === "clear" || header.batch !== "none", "segment");
    need(index !== header.first || toHex(previous) === header.previous, "chain");
    need(index !== header.first + header.count - 1 || toHex(hash) === header.last, "chain");
    const kinds = this.kinds.get(header.first) ?? new Map();
    if (!kinds.has(leaf.kind)) kinds.set(leaf.kind, leaf);
    this.kinds.set(header.first, kinds);
  }
  position(leaf) {
    fromB64u(leaf.stream, 16);
    const position = whole(leaf.stream_position), { index } = leaf;
    const seen = this.streams.get(leaf.stream) ?? { class: leaf.class, at: position - 1, index: index - 1, gaps: 0 };
    const gap = position - seen.at - 1;
    need(gap >= 0 && gap <= index - seen.index - 1 && position <= index, "position");
    this.streams.set(leaf.stream, { class: leaf.class, at: position, index, gaps: seen.gaps + gap });
  }
  clear(row, leaf) {
    need(leaf.commitment === null && row.facets === null, "frame");
    const frame = fromB64u(row.frame), text = new TextDecoder("utf-8", { fatal: true }).decode(frame.subarray(2));
    need(same(sha256(frame), fromB64u(leaf.frame_sha256, 32)) && frame.length === leaf.frame_length && frame[0] + frame[1] === 0, "frame");
    const body = decode(text);
    need((leaf.kind === "genesis") === (leaf.index === 0), "frame");
    if (leaf.index === 0) need(text === canonical({ format: 1, origin: this.checkpoint.origin }), "frame");
    const header = this.headers.get(row.segment);
    if (leaf.kind === "keys") this.keys.fold(body, leaf.index, header.first, header.first + header.count);
  }
  facets(row, leaf) {
    need(row.frame === null, "frame");
    const committed = fromB64u(leaf.commitment, 32);
    if (row.facets === null) return {};
    need(Array.isArray(row.facets) && row.facets.length === 12, "facets");
    const parts = row.facets.map((facet) =>
      typeof facet === "string" ? fromB64u(facet, 32) : sha256(Uint8Array.of(2), fromB64u(facet[0], 32), facet[1]));
    need(same(sha256(Uint8Array.of(3), ...parts), committed), "facets");
    const values = {};
    row.facets.forEach((facet, i) => {
      if (typeof facet === "string") return;
      const pair = decode(facet[1]);
      need(Array.isArray(pair) && pair.length === 2 && pair[0] === FACETS[i], "facets");
      values[FACETS[i]] = pair[1];
    });
    need(!values.what || values.what.kind === leaf.kind, "facets");
    const { slice, sha256: digest } = values.raw ?? {};
    if (digest) {
      const [form, text] = Object.entries(slice)[0];
      const found = form === "overflow" ? text.sha256 : toHex(sha256(form === "utf8" ? utf8(text) : fromBase64(text)));
      need(found === digest, "slice");
    }
    return values;
  }

  async checkWriters() {
    for (const [first, kinds] of this.kinds) {
      const header = this.headers.get(first), index = Math.min(...[...kinds.values()].map((leaf) => leaf.index));
      await this.attempt(index, async () => {
        const key = this.keys.writer(header.writer, first);
        need(key && header.origin === this.checkpoint.origin, "writerKey");
        if (key.algorithm !== "ed25519") { this.unknown.push([index, "algorithm", ""]); return; }
        need(await signed(header.note, `${header.origin}/writer/${header.writer}`, key.raw), "signature");
        for (const leaf of kinds.values()) {
          if (!ROLES[leaf.class][leaf.kind].split(" ").includes(key.role)) this.add(leaf.index, new Bad("role"));
        }
      });
    }
  }
  async checkLog() {
    const { note, origin, size } = this.checkpoint;
    for (const key of this.keys.logs(size)) {
      if (key.algorithm !== "ed25519") this.unknown.push([null, "algorithm", ""]);
      else if (await signed(note, origin, key.raw)) this.logKeys.push(verifierKey(origin, key.raw));
    }
    need(this.logKeys.length || this.unknown.length, "checkpoint");
  }
  async checkProduction() {
    const text = JSON.parse(this.files.get("signatures/production.json")), value = decode(text, true);
    const { size, root, origin } = this.checkpoint;
    await this.checkStatement(text, JSON.parse(this.files.get("signatures/production.sig")));
    need(value.format === "beleg/production/v1" && value.size === size && value.root === toHex(root), "productionRule");
    need(value.data_sha256 === toHex(sha256(utf8(JSON.parse(this.files.get("bag/manifest-sha256.txt"))))), "productionRule");
    need(value.checkpoint_sha256 === toHex(sha256(utf8(JSON.parse(this.files.get("signatures/checkpoint.txt"))))), "productionRule");
    need(value.counts.records === this.records.length && value.origin === origin, "productionRule");
    need(this.logKeys.includes(value.log_key) || !this.logKeys.length, "productionRule");
    this.production = value;
  }
  async checkStatement(text, noteText) {
    const value = JSON.parse(text), note = parseNote(noteText), { origin, size } = this.checkpoint;
    need(note.text === `beleg/statement/v1\n${origin}\n${toHex(sha256(utf8(text)))}\n` && note.signatures.length === 1, "signature");
    const key = this.keys.writer(value.writer, size);
    need(key && key.role === "legal" && key.algorithm === "ed25519", "writerKey");
    need(await signed(note, `${origin}/writer/${value.writer}`, key.raw), "signature");
    return value;
  }
  verdict() { return this.findings.length ? "findings" : this.unknown.length ? "unknown" : "intact"; }
}
