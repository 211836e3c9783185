/* Nothing typed is lost. What a form holds beyond what the server sent is noted in this browser, offered when the form
   is opened again, and forgotten once a message of the server carries its key (publishing/staff/recovery.py).

   A note is {at, base, fields}: when; the version from which editing began; the values that differ, by field name.
   The server shows a form as of that version on demand, so that its rows have the same names again, and joins what is
   sent with what others saved meanwhile. Each opening of a form has a note of its own, so that tabs do not mix. */

const PREFIX = "typed:"
const KEPT_FOR = 30 * 24 * 60 * 60 * 1000
const MOST = 50
const OTHERS = ["button", "submit", "file", "password"]

/** @typedef {Omit<HTMLInputElement & HTMLSelectElement, "type"> & { type: string }} Field */
/** @typedef {Record<string, string[]>} Values by the field's name */
/** @typedef {{ at: number, base: string | undefined, fields: Values }} Note */
/** @typedef {{ editor: { commands: { setContent: (html: string) => void } } }} Editor of formatted text */

// The last line asks whether there are any.
const mark = /** @type {HTMLInputElement} */ (document.querySelector("input[name=typed_key]"))
const form = /** @type {HTMLFormElement} */ (mark?.form)
const here = new URL(location.href)
const slot = `${PREFIX}${mark?.dataset.user}:${here.pathname}?${here.searchParams.get("revision") ?? ""}:`
const isOlder = here.searchParams.has("base_version")
/** How many rows each part had when the form came. @type {Record<string, string>} */
const counts = {}
/** What was noted before and is in the form again. @type {Values} */
let restored = {}
/** @type {Values} */
let seen

/** Storage may be off, full or hold nonsense; the form works nevertheless.
    @template T @param {() => T} use @returns {T | null} */
function attempt(use) {
  try {
    return use()
  } catch {
    return null
  }
}

/** Whether it was written. @param {string} key @param {Note} note */
const write = (key, note) => attempt(() => localStorage.setItem(key, JSON.stringify(note)) ?? true)
/** @param {string} key */
const forget = (key) => attempt(() => localStorage.removeItem(key))
const keys = () => attempt(() => Object.keys(localStorage).filter((key) => key.startsWith(PREFIX))) ?? []

/** @param {string} key @returns {Note | null} */
function read(key) {
  const note = attempt(() => JSON.parse(localStorage.getItem(key) ?? "null"))
  return Number.isFinite(note?.at) && note.fields && Object.values(note.fields).every(Array.isArray) ? note : null
}

/** Put away what is old, broken, or more than there is room for; the rest with their keys, the latest first. */
function tidied() {
  const notes = keys().map((key) => ({ key, kept: read(key) }))
  return notes.toSorted((a, b) => (b.kept?.at ?? 0) - (a.kept?.at ?? 0)).flatMap(({ key, kept }, n) => {
    if (kept && n < MOST && Date.now() - kept.at < KEPT_FOR) return [{ key, kept }]
    forget(key)
    return []
  })
}

function forgetSaved() {
  for (const item of document.querySelectorAll(".messagelist [class*='typed-']")) {
    const saved = item.className.match(/typed-(\w+)/)?.[1]
    keys().filter((key) => key.endsWith(`:${saved}`)).forEach(forget)
  }
}

/** @param {Field} field */
const isCount = ({ name }) => name.endsWith("-TOTAL_FORMS")
/** @param {Field} field */
const isBox = ({ type }) => type === "checkbox" || type === "radio"
/** @param {string} name */
const fieldOf = (name) => /** @type {Field | null} */ (form.elements.namedItem(name))
const version = () => fieldOf("base_version")?.value
/** @param {unknown} some @param {unknown} others */
const same = (some, others) => JSON.stringify(some) === JSON.stringify(others)

/* Fields that people fill in, and how many rows there are; of hidden ones nothing else. */
function fields() {
  const all = /** @type {Field[]} */ ([...form.elements])
  /** @param {Field} field */
  const isOurs = (field) => !OTHERS.includes(field.type) && (field.type !== "hidden" || isCount(field))
  return all.filter((field) => field.name && !field.name.includes("__prefix__") && isOurs(field))
}

/** @param {Field} field */
function typedIn(field) {
  if (isBox(field)) return field.checked ? [field.value] : []
  return field.options ? [...field.selectedOptions].map(({ value }) => value) : [field.value]
}

/** @param {Field} field */
function sentIn(field) {
  if (isBox(field)) return field.defaultChecked ? [field.value] : []
  if (!field.options) return [isCount(field) ? counts[field.name] : field.defaultValue]
  const chosen = [...field.options].filter((option) => option.defaultSelected)
  return (chosen.length || field.multiple ? chosen : [...field.options].slice(0, 1)).map(({ value }) => value)
}

/** The values of all fields by name, now or as they were sent; boxes share theirs.
    @param {(field: Field) => string[]} of */
function held(of) {
  /** @type {Values} */
  const found = {}
  for (const field of fields()) found[field.name] = [...(found[field.name] ?? []), ...of(field)]
  return found
}

function changed() {
  const sent = held(sentIn)
  /** @param {[string, string[]]} entry */
  const differs = ([name, values]) => name in restored || !same(values, sent[name])
  return { ...restored, ...Object.fromEntries(Object.entries(held(typedIn)).filter(differs)) }
}

function note() {
  const typed = changed()
  if (same(typed, seen)) return
  seen = typed
  if (!Object.keys(typed).length) return forget(slot + mark.value)
  const isNoted = write(slot + mark.value, { at: Date.now(), base: version(), fields: typed })
  if (isNoted) form.autocomplete = "off" // the browser would fill whichever rows stand in those places on return
}

/** From here on this form's note goes on from an earlier one, which is in the form again.
    @param {string} key @param {Note} earlier */
function takeOver(key, earlier) {
  restored = { ...restored, ...earlier.fields }
  const isMoved = key !== slot + mark.value
  if (write(slot + mark.value, { ...earlier, fields: restored }) && isMoved) forget(key)
  seen = changed()
}

function begin() {
  mark.value = Date.now().toString(36) + Math.random().toString(36).slice(2)
  restored = {}
}

/** @param {string} name @param {string | undefined} count */
function addRows(name, count) {
  /** @type {HTMLAnchorElement | null} */
  const link = document.querySelector(`#${CSS.escape(name.replace("-TOTAL_FORMS", "-group"))} .add-row a`)
  for (let n = Number(fieldOf(name)?.value); link && n < Number(count); n++) link.click()
}

/** @param {Field} field */
function unfold(field) {
  const isPlace = field.name.endsWith("-position")
  /** @type {HTMLDetailsElement | null | undefined} */
  let part = field.closest(isPlace ? ".ordered__part" : "details")
  for (; part; part = part.parentElement?.closest("details")) part.open = true
}

/** @param {Field} field @param {string[]} values */
function fillIn(field, values) {
  if (isBox(field)) field.checked = values.includes(field.value)
  else if (!field.options) field.value = values[0] ?? ""
  else if ([...field.options].some(({ value }) => values.includes(value)))
    for (const option of field.options) option.selected = values.includes(option.value)
  /** @type {(Element & Editor) | null | undefined} */
  const formatted = field.closest(".prose-editor")?.querySelector(".tiptap")
  formatted?.editor.commands.setContent(field.value)
  for (const type of ["input", "change"]) field.dispatchEvent(new Event(type, { bubbles: true }))
  unfold(field)
}

/** @param {Values} kept */
function fill(kept) {
  for (const field of fields().filter(isCount)) addRows(field.name, kept[field.name]?.[0])
  for (const field of fields()) {
    const values = isBox(field) ? kept[field.name]?.filter((value) => value === field.value) : kept[field.name]
    if (values && !isCount(field) && !same(values, typedIn(field))) fillIn(field, values)
  }
  for (const group of form.querySelectorAll(".ordered")) group.dispatchEvent(new Event("rows:filled", { bubbles: true }))
}

/** The line in the box that now has the text. @param {HTMLElement} box @param {string} text */
function tell(box, text) {
  const line = Object.assign(document.createElement("p"), { textContent: text, role: "status", tabIndex: -1 })
  box.replaceChildren(line)
  return line
}

/** What stands in the form until now stays in a note of its own.
    @param {string} key @param {Note} kept @param {HTMLElement} box */
function putBack(key, kept, box) {
  note()
  if (kept.base !== version() && !isOlder) {
    attempt(() => sessionStorage.setItem(PREFIX, key))
    here.searchParams.set("base_version", String(kept.base))
    return location.replace(here)
  }
  begin()
  fill(kept.fields)
  takeOver(key, kept)
  const joined = isOlder ? " Others changed this meanwhile: saving joins theirs with yours." : ""
  tell(box, `Your text is in the form again. It is not saved yet.${joined}`).focus()
}

/** @param {string} key @param {HTMLElement} box */
function throwAway(key, box) {
  forget(key)
  tell(box, "The text is thrown away.").focus()
}

/** @param {string} key @param {Note} kept @param {HTMLElement} box */
function offer(key, kept, box) {
  const moment = new Date(kept.at).toLocaleString("en-US", { dateStyle: "long", timeStyle: "short" })
  tell(box, `Text of ${moment} was not saved. It is kept in this browser.`).id = key
  const buttons = { "Put it back": () => putBack(key, kept, box), "Throw it away": () => throwAway(key, box) }
  for (const [name, act] of Object.entries(buttons)) {
    const button = document.createElement("button")
    Object.assign(button, { type: "button", className: "button", textContent: name, onclick: act })
    button.setAttribute("aria-describedby", key)
    box.append(button)
  }
  form.before(box)
}

/** Whether the form holds what is noted, as when it comes back with a mistake. @param {Note} note */
function isShown({ base, fields }) {
  const now = held(typedIn)
  return base === version() && Object.entries(fields).every(([name, values]) => same(values, now[name]))
}

function start() {
  for (const field of fields().filter(isCount)) counts[field.name] = field.value
  if (!mark.value) begin()
  seen = changed()
  const wanted = attempt(() => sessionStorage.getItem(PREFIX))
  attempt(() => sessionStorage.removeItem(PREFIX))
  for (const { key, kept } of tidied().filter(({ key }) => key.startsWith(slot))) {
    const box = Object.assign(document.createElement("div"), { className: "recover" })
    if (key === slot + mark.value || isShown(kept)) takeOver(key, kept)
    else offer(key, kept, box)
    if (key === wanted) putBack(key, kept, box)
  }
  here.searchParams.delete("base_version") // saving must not lead back to that version
  if (isOlder) history.replaceState(null, "", here)
  setInterval(note, 1000)
  for (const event of ["pagehide", "visibilitychange", "submit"]) addEventListener(event, note)
}

forgetSaved()
if (form) django.jQuery(start) // after inlines.js, which waits in the same way
