// Text from the archive on a page: it goes through textContent, and nothing becomes markup.
const $ = (id) => document.getElementById(id);
const PAGE = 300;
function node(tag, className, text) {
  const made = document.createElement(tag);
  if (className) made.className = className;
  if (text !== undefined) made.textContent = text;
  return made;
}
// Characters that hide, reorder or imitate are shown by their number. Joiners inside emoji stay.
const ODD = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\u3164\ufe00-\ufe0e\ufeff\uffa0\ufff0-\ufffb]|[\u{e0000}-\u{e0fff}]|[\ud800-\udfff]/gu;
const EMOJI = /\p{Extended_Pictographic}/u;
function pieces(text) {
  const parts = [];
  let at = 0;
  for (const match of text.matchAll(ODD)) {
    const next = text.slice(match.index + match[0].length, match.index + match[0].length + 2);
    if (match[0] === "\u200d" && /(\p{Extended_Pictographic}|\ufe0f|\p{Emoji_Modifier})$/u.test(text.slice(Math.max(0, match.index - 2), match.index)) && EMOJI.test(next)) continue;
    parts.push([text.slice(at, match.index), false], ["\u27e8U+" + match[0].codePointAt(0).toString(16).toUpperCase().padStart(4, "0") + "\u27e9", true]);
    at = match.index + match[0].length;
  }
  parts.push([text.slice(at), false]);
  return parts.filter(([piece]) => piece);
}
function fill(element, text, needle = "") {
  element.dir = "auto";
  for (const [piece, odd] of pieces(String(text))) {
    if (odd) element.append(node("span", "odd", piece));
    else if (!needle) element.append(piece);
    else {
      const low = piece.toLowerCase();
      let at = 0;
      for (let hit; low.length === piece.length && (hit = low.indexOf(needle, at)) >= 0; at = hit + needle.length) {
        element.append(piece.slice(at, hit), node("mark", "", piece.slice(hit, hit + needle.length)));
      }
      element.append(piece.slice(at));
    }
  }
  return element;
}
// Letters that look alike across scripts make one name pass for another.
const ALIKE = [/\p{Script=Latin}/u, /\p{Script=Greek}/u, /\p{Script=Cyrillic}/u];
const isMixed = (name) => String(name ?? "").split(/\s+/).some((part) => ALIKE.filter((script) => script.test(part)).length > 1);
const accountOf = (actor) => (actor?.account ? `${actor.account.channel} ${actor.account.id}` : actor?.handle ?? "");
const nameOf = (actor) => [actor?.written, actor?.handle ?? actor?.account?.id].filter((name, at, all) => name && all.indexOf(name) === at).join(" \u00b7 ");
function zoned(milliseconds, view, precision = "second") { // never more digits than are known
  const clock = { hour: "2-digit", minute: "2-digit", timeZoneName: "short", ...(precision === "minute" ? {} : { second: "2-digit" }) };
  const options = { year: "numeric", month: "2-digit", day: "2-digit", ...(precision === "day" ? {} : clock) };
  const when = new Date(milliseconds), locale = language ? "en-GB" : "de-DE";
  try { return new Intl.DateTimeFormat(locale, { ...options, timeZone: view.timezone }).format(when); } catch { return String(milliseconds); }
}
const string = (value) => (typeof value === "string" ? value : value?.overflow ? word("overflow") + value.overflow.sha256 : "");
const keyOf = (key) => (key ? `${key.channel}\n${key.scope}\n${key.id}` : "");
