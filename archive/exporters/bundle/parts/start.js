// Start: read the blocks, show, check, say the verdict last.
const files = new Map();
for (const block of document.querySelectorAll("script[data-file]")) files.set(block.dataset.file, block.textContent);
const check = new Check(files, new Blocks([...document.querySelectorAll("script[data-part]")]));
const options = JSON.parse(files.get("view"));
language = options.language === "de" ? 0 : 1;
const images = new Map();
function readImages() { // only bytes whose digest is the name they go by, and only raster images
  for (const [name, text] of files) {
    if (!name.startsWith("image/")) continue;
    const image = JSON.parse(text), digest = name.slice(6);
    if (/^image\/(png|jpeg|gif|webp)$/.test(image.type) && toHex(sha256(fromBase64(image.data))) === digest) images.set(digest, image);
    else check.findings.push([null, "file", name]);
  }
}
let view = null, ended = false;

function describe([index, key, detail]) { return (index === null ? "" : word("number") + index + ": ") + word(key) + (detail ? " " + detail : ""); }
function texts() {
  document.documentElement.lang = language ? "en" : "de";
  for (const [id, key] of [["details-title", "details"], ["anchor", "anchor"], ["limits", "limits"], ["folder-label", "folder"], ["find-label", "find"], ["language", "other"], ["threads-title", "threads"], ["more", "more"], ["filter-label", "filter"]]) $(id).textContent = word(key);
  const chosen = $("filter").value;
  $("filter").replaceChildren(...FILTERS.map((name) => Object.assign(node("option", "", word(name)), { value: name, selected: name === chosen })));
}
function verdict() {
  const state = ended ? check.verdict() : "pending";
  $("verdict").dataset.state = state;
  $("verdict-title").textContent = word(state);
  $("verdict-text").textContent = word(state + "Text") + (state === "findings" ? check.findings.slice(0, 3).map(describe).join("; ") : "");
  $("progress").hidden = ended;
  $("findings").replaceChildren(...[...check.findings, ...check.unknown].slice(0, 500).map((one) => fill(node("li"), describe(one))));
  const { production, checkpoint, logKeys } = check;
  const gaps = [...check.streams.values()].filter((seen) => seen.class === "content").reduce((sum, seen) => sum + seen.gaps, 0);
  const facts = ended && checkpoint ? [["logKey", logKeys.join(" ")], ["archive", checkpoint.origin], ["head", `${checkpoint.size} \u00b7 ${toHex(checkpoint.root)}`],
    ["production", production.production ?? ""], ["matter", production.matter ?? ""], ["made", production.created ?? ""], ["writer", production.writer ?? ""],
    ["stamps", production.stamps?.length ? production.stamps.length + word("stampsSaid") : word("noStamps")],
    ["records", String(check.records.length)], ["gaps", String(gaps)]] : [];
  $("facts").replaceChildren(...facts.flatMap(([key, text]) => [node("dt", "", word(key)), fill(node("dd"), text)]));
  if (ended) {
    $("details").open = state !== "intact";
    document.title = `${word(state)} \u00b7 ${production.production ?? ""}`;
  }
}
async function redraw() { texts(); verdict(); await view?.draw(); }

$("language").addEventListener("click", () => { language = 1 - language; redraw(); });
$("more").addEventListener("click", () => { view.shown += PAGE; view.draw(); });
$("find").addEventListener("input", () => { view.needle = $("find").value.toLowerCase(); view.shown = PAGE; view.draw(); });
$("filter").addEventListener("change", () => { view.filter = $("filter").value; view.shown = PAGE; view.draw(); });
$("folder").addEventListener("change", async (event) => {
  if (!ended) return;
  $("folder-result").textContent = word("folderBusy");
  const { findings, files: count } = await checkFolder(check, event.target.files, (part) => { $("folder-result").textContent = word("folderBusy") + Math.round(part * 100) + " %"; });
  for (const [key, path] of findings) check.findings.push([null, key, path]);
  $("folder-result").textContent = findings.length ? word("folderBad") + findings.length : word("folderGood") + count;
  document.body.dataset.folder = findings.length ? "findings" : "intact";
  document.body.dataset.verdict = check.verdict();
  verdict();
});

async function start() {
  texts();
  verdict();
  try {
    readImages();
    view = new View(check, options, images);
    let drawn = 0;
    await check.run((record, found) => view.seen(record, found), (part) => {
      $("progress").value = part;
      if (!drawn) view.draw(); // something to read while checking goes on; then the list grows
      else if (Date.now() - drawn > 2000) view.drawList();
      if (Date.now() - drawn > 2000) drawn = Date.now();
    });
  } catch (error) { check.add(null, error); }
  ended = true;
  try { await redraw(); } catch (error) { check.add(null, error); verdict(); }
  document.body.dataset.verdict = check.verdict();
}
start();
