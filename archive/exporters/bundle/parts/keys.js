// Signed notes (C2SP), Ed25519 through WebCrypto, and which registered key counts when.
function parseNote(text) {
  need(text.length <= 65536 && !/[\x00-\x09\x0b-\x1f]/.test(text), "malformed");
  const cut = text.lastIndexOf("\n\n");
  need(cut > 0 && text.endsWith("\n") && text.length > cut + 2, "malformed");
  const signatures = text.slice(cut + 2, -1).split("\n").map((line) => {
    const match = /^\u2014 ([^ +\n]+) ([A-Za-z0-9+/]+=*)$/.exec(line);
    need(match, "malformed");
    const raw = fromBase64(match[2]);
    need(raw.length > 4, "malformed");
    return { name: match[1], id: raw.subarray(0, 4), signature: raw.subarray(4) };
  });
  return { text: text.slice(0, cut + 1), signatures };
}
const noteKeyId = (name, raw) => sha256(utf8(name), Uint8Array.of(10, 1), raw).subarray(0, 4);
const verifierKey = (name, raw) => `${name}+${toHex(noteKeyId(name, raw))}+${toBase64(join(Uint8Array.of(1), raw))}`;

let hasEd25519 = true;
async function ed25519(raw, signature, bytes) {
  const key = await crypto.subtle.importKey("raw", raw, "Ed25519", false, ["verify"]);
  return crypto.subtle.verify("Ed25519", key, signature, bytes);
}
async function probeEd25519() { // RFC 8032 §7.1, test 1, right and wrong
  try {
    const raw = fromHex("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", 32);
    const signature = fromHex("e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b", 64);
    hasEd25519 = (await ed25519(raw, signature, new Uint8Array())) && !(await ed25519(raw, signature, utf8("x")));
  } catch { hasEd25519 = false; }
}
async function signed(note, name, raw) {
  const id = noteKeyId(name, raw);
  const mine = note.signatures.filter((line) => line.name === name && same(line.id, id));
  for (const line of mine) need(await ed25519(raw, line.signature, utf8(note.text)), "signature");
  return mine.length > 0;
}

const PURPOSES = {
  writer: ["owner", "ingest", "legal", "privacy", "recovery"], log: ["log"],
  recipient: ["ingest", "content", "oversight", "auditor", "recovery"],
};
const LENGTHS = { ed25519: 32, ecdsa_p256: 65, x25519: 32, p256: 65, mlkem768_x25519: 1216 };
const SIGNING = ["ed25519", "ecdsa_p256"];
const P = 2n ** 255n - 19n;
const ORDER_8 = 2707385501144840649318225287225658788936804267575313519463743609750303402022n;
class Keys {
  constructor() { this.keys = new Map(); }
  fold(body, index, first, end) { // all changes of the record, or none
    const changes = members(body, ["changes"]).changes;
    need(Array.isArray(changes) && changes.length > 0 && changes.length <= 4096, "keysRule");
    const keys = new Map([...this.keys].map(([id, key]) => [id, { ...key }]));
    for (const change of changes) this.change(keys, change, index, first, end);
    const left = new Set([...keys.values()].filter((key) => key.end === null).map((key) => key.purpose + " " + key.role));
    need(left.has("writer owner") || left.has("writer recovery"), "keysRule");
    for (const must of ["log log", "recipient ingest", "recipient content", "recipient oversight"]) need(left.has(must), "keysRule");
    this.keys = keys;
  }
  change(keys, change, index, first, end) {
    const { action, algorithm, epoch, id, public: hex, purpose, role } =
      members(change, ["action", "algorithm", "epoch", "id", "public", "purpose", "role"]);
    need(Object.hasOwn(PURPOSES, purpose) && PURPOSES[purpose].includes(role) && typeof algorithm === "string", "keysRule");
    const raw = fromHex(hex, hex.length / 2);
    whole(epoch);
    if (Object.hasOwn(LENGTHS, algorithm)) {
      need((purpose !== "recipient") === SIGNING.includes(algorithm) && raw.length === LENGTHS[algorithm], "keysRule");
    }
    if (algorithm === "ed25519") {
      const y = BigInt("0x" + toHex(raw.toReversed())) & (2n ** 255n - 1n);
      need(y < P && ![0n, 1n, P - 1n, ORDER_8, P - ORDER_8].includes(y), "keysRule");
    }
    need(toHex(sha256(utf8(`beleg/${purpose}/v1\0${algorithm}\0`), raw).subarray(0, 16)) === id, "keysRule");
    const known = keys.get(id);
    if (action === "add") {
      const all = [...keys.values()];
      const epochs = all.filter((key) => key.purpose === purpose && key.role === role).map((key) => key.epoch);
      need(all.every((key) => key.hex !== hex), "keysRule");
      need(purpose === "recipient" ? epoch >= Math.max(0, ...epochs) : epoch === 0, "keysRule");
      keys.set(id, { purpose, role, algorithm, raw, hex, epoch, added: index, start: first === 0 ? 0 : end, retired: null, end: null });
    } else {
      need(action === "retire" && known && known.end === null && known.added < first, "keysRule");
      need(known.role === role && known.epoch === epoch, "keysRule");
      Object.assign(known, { retired: index, end });
    }
  }
  writer(id, first) {
    const key = this.keys.get(id);
    return key && key.purpose === "writer" && key.start <= first && (key.retired === null || first <= key.retired) ? key : null;
  }
  logs(size) {
    return [...this.keys.values()].filter((key) => key.purpose === "log" && key.added < size && (key.end === null || size <= key.end));
  }
}
