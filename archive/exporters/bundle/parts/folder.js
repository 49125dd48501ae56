// The whole folder, given by the person through a file dialog: every file as signed, none missing, none too many.
// The last files of a bundle are signed by nothing but themselves; the seal with a certificate is for openssl.
const SEAL = "signatures/statement.p7s";
const UNLISTED = new Set(["signatures/statement.json", "signatures/statement.sig"]);
async function checkFolder(check, chosen, progress) {
  const findings = [], files = new Map();
  for (const file of chosen) files.set(file.webkitRelativePath.split("/").slice(1).join("/"), file);
  const text = async (path) => { need(files.has(path) && files.get(path).size <= 2 ** 28, "statement"); return files.get(path).text(); };
  try {
    const statement = await check.checkStatement(await text("signatures/statement.json"), await text("signatures/statement.sig"));
    need(statement.format === "beleg/bundle/v1" && statement.production === check.production.production, "statement");
    need((await text("signatures/production.json")) === JSON.parse(check.files.get("signatures/production.json")), "statement");
    if (statement.sealed && !files.has(SEAL)) findings.push(["fileMissing", SEAL]);
    const listed = new Map(statement.files);
    for (const must of ["START_verify.html", "verify.py", "bag/manifest-sha256.txt", "signatures/checkpoint.txt"]) need(listed.has(must), "statement");
    for (const [path, digest] of check.manifest) listed.set(path, digest);
    let at = 0;
    for (const [path, digest] of listed) {
      if (!files.has(path)) findings.push(["fileMissing", path]);
      else if ((await digestOf(files.get(path))) !== digest) findings.push(["file", path]);
      progress(++at / listed.size);
    }
    for (const path of files.keys()) {
      const seal = path === SEAL && statement.sealed !== false;
      if (!listed.has(path) && !UNLISTED.has(path) && !seal) findings.push(["fileExtra", path]);
    }
  } catch (error) { findings.push([error instanceof Bad ? error.message : "statement", ""]); }
  return { findings, files: files.size };
}
