// Bytes, SHA-256, canonical JSON. Nothing here knows what a record is.
class Bad extends Error {}
function need(condition, key) { if (!condition) throw new Bad(key); }
const ENCODER = new TextEncoder();
const utf8 = (text) => ENCODER.encode(text);
function join(...parts) {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) { whole.set(part, at); at += part.length; }
  return whole;
}
function fromBase64(text) {
  need(typeof text === "string" && /^[A-Za-z0-9+/]*={0,2}$/.test(text), "malformed");
  const bytes = Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
  need(toBase64(bytes) === text, "malformed");
  return bytes;
}
function toBase64(bytes) {
  let text = "";
  for (let at = 0; at < bytes.length; at += 8192) text += String.fromCharCode(...bytes.subarray(at, at + 8192));
  return btoa(text);
}
const B64U = new Map([..."ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"].map((c, i) => [c.charCodeAt(0), i]));
const B64U_TABLE = Int8Array.from({ length: 128 }, (_, code) => B64U.get(code) ?? -1);
function fromB64u(text, length) { // strict: no other character, unused bits zero
  need(typeof text === "string" && text.length % 4 !== 1, "malformed");
  const bytes = new Uint8Array(Math.floor((text.length * 3) / 4));
  need(length === undefined || bytes.length === length, "malformed");
  let bits = 0, held = 0, at = 0;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i), value = code < 128 ? B64U_TABLE[code] : -1;
    if (value < 0) throw new Bad("malformed");
    bits = ((bits << 6) | value) & 0xffff;
    held += 6;
    if (held >= 8) { held -= 8; bytes[at++] = (bits >>> held) & 255; }
  }
  need((bits & ((1 << held) - 1)) === 0, "malformed");
  return bytes;
}
const toHex = (bytes) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
function fromHex(text, length) {
  need(typeof text === "string" && /^[0-9a-f]*$/.test(text) && text.length === 2 * length, "malformed");
  return Uint8Array.from({ length }, (_, i) => parseInt(text.slice(2 * i, 2 * i + 2), 16));
}
const same = (a, b) => a.length === b.length && a.every((byte, i) => byte === b[i]);
function bigEndian(number, length) {
  const bytes = new Uint8Array(length);
  for (let at = length - 1; at >= 0; at--) { bytes[at] = number % 256; number = Math.floor(number / 256); }
  return bytes;
}

// SHA-256 (FIPS 180-4). The constants are the first bits of the roots of the first primes.
const PRIMES = [];
for (let n = 2; PRIMES.length < 64; n++) if (PRIMES.every((p) => n % p)) PRIMES.push(n);
const fraction = (x) => ((x - Math.floor(x)) * 2 ** 32) >>> 0;
const SHA_K = Uint32Array.from(PRIMES, (p) => fraction(Math.cbrt(p)));
const SHA_START = Uint32Array.from(PRIMES.slice(0, 8), (p) => fraction(Math.sqrt(p)));
const SHA_W = new Uint32Array(64);
class Sha256 {
  constructor() { this.state = SHA_START.slice(); this.rest = new Uint8Array(64); this.held = 0; this.length = 0; }
  update(bytes) {
    this.length += bytes.length;
    let at = 0;
    if (this.held) {
      at = Math.min(64 - this.held, bytes.length);
      this.rest.set(bytes.subarray(0, at), this.held);
      this.held += at;
      if (this.held < 64) return this;
      this.block(this.rest, 0);
    }
    for (; at + 64 <= bytes.length; at += 64) this.block(bytes, at);
    this.rest.set(bytes.subarray(at));
    this.held = bytes.length - at;
    return this;
  }
  block(bytes, at) {
    const w = SHA_W, s = this.state;
    for (let i = 0; i < 16; i++, at += 4) w[i] = (bytes[at] << 24) | (bytes[at + 1] << 16) | (bytes[at + 2] << 8) | bytes[at + 3];
    for (let i = 16; i < 64; i++) {
      const x = w[i - 15], y = w[i - 2];
      const s0 = ((x >>> 7) | (x << 25)) ^ ((x >>> 18) | (x << 14)) ^ (x >>> 3);
      const s1 = ((y >>> 17) | (y << 15)) ^ ((y >>> 19) | (y << 13)) ^ (y >>> 10);
      w[i] = (w[i - 16] + s0 + w[i - 7] + s1) | 0;
    }
    let a = s[0], b = s[1], c = s[2], d = s[3], e = s[4], f = s[5], g = s[6], h = s[7];
    for (let i = 0; i < 64; i++) {
      const s1 = ((e >>> 6) | (e << 26)) ^ ((e >>> 11) | (e << 21)) ^ ((e >>> 25) | (e << 7));
      const t1 = (h + s1 + ((e & f) ^ (~e & g)) + SHA_K[i] + w[i]) | 0;
      const s0 = ((a >>> 2) | (a << 30)) ^ ((a >>> 13) | (a << 19)) ^ ((a >>> 22) | (a << 10));
      const t2 = (s0 + ((a & b) ^ (a & c) ^ (b & c))) | 0;
      h = g; g = f; f = e; e = (d + t1) | 0; d = c; c = b; b = a; a = (t1 + t2) | 0;
    }
    s[0] += a; s[1] += b; s[2] += c; s[3] += d; s[4] += e; s[5] += f; s[6] += g; s[7] += h;
  }
  digest() {
    const view = new DataView(new ArrayBuffer(128)), held = this.held, end = held < 56 ? 64 : 128;
    const tail = new Uint8Array(view.buffer), out = new DataView(new ArrayBuffer(32));
    tail.set(this.rest.subarray(0, held));
    tail[held] = 0x80;
    view.setUint32(end - 8, Math.floor(this.length / 2 ** 29));
    view.setUint32(end - 4, (this.length * 8) >>> 0);
    for (let at = 0; at < end; at += 64) this.block(tail, at);
    this.state.forEach((value, i) => out.setUint32(4 * i, value));
    return new Uint8Array(out.buffer);
  }
}
// Short messages, of which there are millions: gathered, padded and hashed in one place. A part is bytes, or text as UTF-8.
let gathered = new Uint8Array(2 ** 16);
const SHORT = new Sha256();
function sha256(...parts) {
  let length = 72;
  for (const part of parts) length += part.length * (typeof part === "string" ? 3 : 1);
  if (length > gathered.length) gathered = new Uint8Array(2 * length);
  length = 0;
  for (const part of parts) {
    if (typeof part === "string") length += ENCODER.encodeInto(part, gathered.subarray(length)).written;
    else { gathered.set(part, length); length += part.length; }
  }
  const end = Math.ceil((length + 9) / 64) * 64;
  gathered.fill(0, length, end);
  gathered[length] = 0x80;
  for (let at = end - 1, bits = length * 8; bits; at--) { gathered[at] = bits % 256; bits = Math.floor(bits / 256); }
  SHORT.state.set(SHA_START);
  for (let at = 0; at < end; at += 64) SHORT.block(gathered, at);
  const out = new Uint8Array(32);
  SHORT.state.forEach((word, i) => { out[4 * i] = word >>> 24; out[4 * i + 1] = word >>> 16; out[4 * i + 2] = word >>> 8; out[4 * i + 3] = word; });
  return out;
}
async function digestOf(blob) {
  if (blob.size <= 2 ** 28 && globalThis.crypto?.subtle) {
    return toHex(new Uint8Array(await crypto.subtle.digest("SHA-256", await blob.arrayBuffer())));
  }
  const hash = new Sha256();
  for (let at = 0; at < blob.size; at += 2 ** 22) hash.update(new Uint8Array(await blob.slice(at, at + 2 ** 22).arrayBuffer()));
  return toHex(hash.digest());
}

// Canonical JSON (RFC 8785, integers only). In bag/data "<" stands as an escape.
const NAME = /^[a-z][a-z0-9_]{0,63}$/;
function canonical(value, depth = 1) {
  need(depth <= 32 || typeof value !== "object" || value === null, "canonical");
  if (Array.isArray(value)) return "[" + value.map((one) => canonical(one, depth + 1)).join(",") + "]";
  if (value !== null && typeof value === "object") {
    return "{" + Object.keys(value).sort().map((name) => {
      need(NAME.test(name), "canonical");
      return JSON.stringify(name) + ":" + canonical(value[name], depth + 1);
    }).join(",") + "}";
  }
  need(typeof value !== "number" || Number.isSafeInteger(value), "canonical");
  return JSON.stringify(value);
}
function decode(text, inBag = false) {
  const value = JSON.parse(text);
  const again = canonical(value);
  need((inBag ? again.replaceAll("<", "\\u003c") : again) === text, "canonical");
  return value;
}
function members(value, names) {
  need(value !== null && typeof value === "object" && Object.keys(value).sort().join() === [...names].sort().join(), "malformed");
  return value;
}
function whole(value) { need(Number.isSafeInteger(value) && value >= 0, "malformed"); return value; }
