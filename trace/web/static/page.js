// The package page's own check: fetches the proof, lets verify.js judge it, and shows each step. The server's verdict
// stands first; this adds one line to it when all is well, and speaks up when it is not.

import { fromBase64, Wrong } from "./bytes.js";
import { compareCheckpoint, keepKeys, recallKeys } from "./memory.js";
import { parseCheckpoint, parseKey, requireEd25519, splitNote } from "./note.js";
import { verifyPackage } from "./verify.js";

const byId = (id) => document.getElementById(id);
const place = byId("local");
let words = {};
let running = Promise.resolve();

/** Runs `check` when those before it are done. */
const begin = (check) => (running = running.then(() => check.run()));

/** The sentence called `name`, its figures filled in. */
const say = (name, values = {}) => words[name].replace(/\{(\w+)\}/g, (_, field) => values[field]);

const BUTTON = { waiting: "start", checking: "checking" };
const CANNOT = ["no_ed25519", "insecure"];
const UNABLE = [...CANNOT, "no_proof", "no_growth"];
const MEMORY = ["rollback", "fork", "inconsistent"];

function element(tag, className, content) {
  const made = document.createElement(tag);
  if (className) made.className = className;
  if (content) made.textContent = content;
  return made;
}

/** The bytes at `address`; throws an Error that says what kept them from coming, the status or the network. */
async function ask(address) {
  const answer = await fetch(address, { cache: "no-store", credentials: "omit" });
  if (!answer.ok) throw new Error(answer.status);
  return new Uint8Array(await answer.arrayBuffer());
}

const lines = (text) => text.split("\n").filter(Boolean);

class Check {
  constructor() {
    const { code, log, keys, witnesses } = place.dataset;
    const kept = recallKeys(log);
    this.kept = kept.keys;
    this.own = kept.own;
    this.pageKeys = lines(keys);
    this.trust = { code, log, keys: this.kept.length ? this.kept : this.pageKeys, witnesses: lines(witnesses) };
  }

  async run() {
    clear();
    setState("checking", say("checking"));
    const isChanged = this.kept.length > 0 && this.pageKeys.some((key) => !this.kept.includes(key));
    if (isChanged) this.warnOfKey();
    try {
      await requireEd25519();
      await this.verify();
    } catch (error) {
      if (isChanged && !this.own && error.reason === "untrusted" && (await this.isOfPage())) {
        setState("unable", say("key_changed"));
      } else {
        conclude(error instanceof Wrong ? error : new Wrong("form", "", error));
      }
    }
  }

  async verify() {
    const { code, log, keys } = this.trust;
    this.bytes = await ask(`/api/v1/codes/${code}/proof`).catch((error) => {
      throw new Wrong("no_proof", error.message);
    });
    const checkpoint = await verifyPackage(this.bytes, this.trust, showStep);
    if (!this.kept.length) keepKeys(log, keys, false);
    const growth = await compareCheckpoint(log, checkpoint, askGrowth);
    addStep(growth.open ? "–" : "✓", say(`growth_${growth.found}`, growth));
    addStep("–", say("later"));
    setState("sound", say(place.dataset.tone === "good" ? "sound" : "sound_but"));
  }

  /** Tells whether all holds under the keys that the page brings: then only the key is in question. */
  isOfPage() {
    const trust = { ...this.trust, keys: this.pageKeys };
    return verifyPackage(this.bytes, trust, () => {}).then(() => true, () => false);
  }

  warnOfKey() {
    const card = element("section", "advice warn raised");
    card.setAttribute("role", "alert");
    card.append(element("h2", "", say("key_changed")), element("p", "", say("key_changed_text")));
    card.append(evidence(say("key_remembered"), this.kept.join("\n")));
    card.append(evidence(say("key_page"), this.pageKeys.join("\n")));
    const take = element("button", "", say("key_take"));
    take.addEventListener("click", () => useKeys(this.pageKeys, false));
    card.append(take);
    raise(card);
  }
}

function conclude(wrong) {
  if (UNABLE.includes(wrong.reason)) {
    const why = say(wrong.reason, { status: wrong.expected, old: wrong.found });
    addStep("–", why);
    setState("unable", CANNOT.includes(wrong.reason) ? say("cannot") : say("unable"), why);
    return;
  }
  const isMemory = MEMORY.includes(wrong.reason);
  const step = isMemory ? "growth" : wrong.step || "read";
  place.dataset.step = step;
  place.dataset.reason = wrong.reason;
  const why = say(wrong.reason, isMemory ? sizes(wrong) : {});
  addStep("✗", `${say(`at_${step}`)}: ${why}`, "bad");
  alarm(isMemory ? say("alarm") : say("failed_at", { step: say(`at_${step}`) }), why, wrong, isMemory);
  setState(isMemory ? "alarm" : "failed", say("failed"));
}

/** Fetches the hashes of a consistency proof; none where the log refuses one. Without an answer nothing is concluded. */
async function askGrowth(old, next) {
  try {
    const bytes = await ask(`/api/v1/consistency?old=${old}&new=${next}`).catch(({ message }) => {
      throw new Wrong(/^4(?!29)/.test(message) ? "refused" : "no_growth", message, old);
    });
    return JSON.parse(new TextDecoder().decode(bytes)).hashes.map((one) => fromBase64(one, 32));
  } catch (error) {
    if (error.reason === "no_growth") throw error;
    return [];
  }
}

function sizes({ expected, found }) {
  const [old, size] = [expected, found].map((note) => parseCheckpoint(splitNote(note).text).size);
  return { old, size };
}

function showStep(name, values) {
  const custody = values.custody === "party" ? say("custody_party") : say("custody_service");
  addStep(values.open ? "–" : "✓", say(values.open ? `${name}_open` : name, { ...values, custody }));
  if (values.until) addStep("✓", say("signer_revoked", values));
  if (values.unchecked) addStep("–", say("mldsa", values));
}

function addStep(mark, sentence, tone) {
  const line = element("li", tone);
  line.append(element("b", "", mark), ` ${sentence}`);
  byId("local-steps").append(line);
}

function setState(state, sentence, why = sentence) {
  byId("local-run").textContent = say(BUTTON[state] || "again");
  byId("mine").textContent = state === "sound" ? `✓ ${sentence}` : sentence;
  byId("local-result").textContent = state === "checking" ? "" : why;
  place.dataset.state = state; // last: whoever waits for it finds the page as it will be
}

/** Says loudly, above the server's verdict, what does not hold, with the evidence. */
function alarm(heading, why, wrong, isMemory) {
  const card = element("section", "card verdict bad raised");
  card.setAttribute("role", "alert");
  const advice = say(isMemory ? "evidence" : "failed_text");
  card.append(element("h2", "", heading), element("p", "", why), element("p", "", advice));
  if (wrong.expected) card.append(evidence(say(isMemory ? "old" : "expected"), wrong.expected));
  if (wrong.found) card.append(evidence(say(isMemory ? "new" : "found"), wrong.found));
  raise(card);
  // The server's good word stays readable, but no verdict any more; a warning of its own stays one.
  document.querySelector(".verdict.good")?.classList.add("doubted");
}

function evidence(name, value) {
  const part = element("div", "evidence", name);
  part.append(element("pre", "", value));
  return part;
}

function raise(card) {
  document.querySelector("main").prepend(card);
}

function clear() {
  document.querySelectorAll(".raised").forEach((card) => card.remove());
  byId("local-steps").textContent = "";
  document.querySelector(".doubted")?.classList.remove("doubted");
  delete place.dataset.step;
  delete place.dataset.reason;
}

/** Trusts `keys` from now on, and checks anew; `own` where the reader has them from elsewhere. */
function useKeys(keys, own) {
  const check = new Check();
  const isKept = keepKeys(check.trust.log, keys, own);
  byId("local-key-said").textContent = isKept ? "" : say("key_lost");
  Object.assign(check, { kept: keys, own });
  check.trust.keys = keys;
  begin(check);
}

async function takeKey(event) {
  event.preventDefault();
  const given = byId("local-key").value.trim();
  try {
    const key = await parseKey(given);
    if (key.name !== place.dataset.log || key.type !== 1) throw new Wrong("vkey");
  } catch {
    byId("local-key-said").textContent = say("key_bad");
    return;
  }
  useKeys([given], true);
}

async function start() {
  const language = document.documentElement.lang.startsWith("zh") ? "zh" : "en";
  words = (await import(`./words.${language}.js`)).default;
  byId("local-run").addEventListener("click", () => begin(new Check()));
  byId("local-key-form").addEventListener("submit", takeKey);
  byId("mine").href = "#local";
  place.hidden = false;
  // The reader comes first: the proof is fetched when the page is at rest, or asked for where data is dear.
  const atRest = globalThis.requestIdleCallback || ((work) => setTimeout(work, 200)); // Safari
  if (navigator.connection?.saveData) setState("waiting", say("start"));
  else atRest(() => begin(new Check()), { timeout: 2000 });
}

if (place) start();
