/* Nothing typed is lost. What a form holds beyond what the server sent is noted in this browser, offered when the form
   is opened again, and forgotten once a message of the server carries its key (publishing/recovery.py).

   A note is {at, base, fields}: when; the version from which editing began; the values that differ, by field name.
   The server shows a form as of that version on demand, so that its rows have the same names again, and joins what is
   sent with what others saved meanwhile. Each opening of a form has a note of its own, so that tabs do not mix. */

const PREFIX = "typed:"
const KEPT_FOR = 30 * 24 * 60 * 60 * 1000
const MOST = 50
const OTHERS = ["button", "submit", "file", "password"]

const mark = document.querySelector("input[name=typed_key]")
const form = mark?.form
const here = new URL(location)
const slot = `${PREFIX}${mark?.dataset.user}:${here.pathname}?${here.searchParams.get("revision") ?? ""}:`
const isOlder = here.searchParams.has("base_version")
const counts = {} // how many rows each part had when the form came
let restored = {} // what was noted before and is in the form again
let seen

/* Storage may be off, full or hold nonsense; the form works nevertheless. */
function attempt(use) {
  try {
    return use()
  } catch {
    return null
  }
}

const write = (key, note) => attempt(() => localStorage.setItem(key, JSON.stringify(note)) ?? true)
const forget = (key) => attempt(() => localStorage.removeItem(key))
const keys = () => attempt(() => Object.keys(localStorage).filter((key) => key.startsWith(PREFIX))) ?? []

function read(key) {
  const note = attempt(() => JSON.parse(localStorage.getItem(key)))
  return Number.isFinite(note?.at) && note.fields && Object.values(note.fields).every(Array.isArray) ? note : null
}

/* Put away what is old, broken, or more than there is room for; the rest as [key, note], the latest first. */
function tidied() {
  const notes = keys().map((key) => [key, read(key)]).toSorted(([, a], [, b]) => (b?.at ?? 0) - (a?.at ?? 0))
  const isGood = ([, note], n) => note && n < MOST && Date.now() - note.at < KEPT_FOR
  notes.filter((entry, n) => !isGood(entry, n)).forEach(([key]) => forget(key))
  return notes.filter(isGood)
}

function forgetSaved() {
  for (const item of document.querySelectorAll(".messagelist [class*='typed-']")) {
    const [, saved] = item.className.match(/typed-(\w+)/)
    keys().filter((key) => key.endsWith(`:${saved}`)).forEach(forget)
  }
}

const isCount = ({ name }) => name.endsWith("-TOTAL_FORMS")
const isBox = ({ type }) => type === "checkbox" || type === "radio"
const version = () => form.elements.base_version?.value
const same = (some, others) => JSON.stringify(some) === JSON.stringify(others)

/* Fields that people fill in, and how many rows there are; of hidden ones nothing else. */
function fields() {
  const isOurs = (field) => !OTHERS.includes(field.type) && (field.type !== "hidden" || isCount(field))
  return [...form.elements].filter((field) => field.name && !field.name.includes("__prefix__") && isOurs(field))
}

function valueOf(field) {
  if (isBox(field)) return field.checked ? [field.value] : []
  return field.options ? [...field.selectedOptions].map(({ value }) => value) : [field.value]
}

function sentOf(field) {
  if (isBox(field)) return field.defaultChecked ? [field.value] : []
  if (!field.options) return [isCount(field) ? counts[field.name] : field.defaultValue]
  const chosen = [...field.options].filter((option) => option.defaultSelected)
  return (chosen.length || field.multiple ? chosen : [...field.options].slice(0, 1)).map(({ value }) => value)
}

/* The values of all fields by name, now or as they were sent; boxes share theirs. */
function held(of) {
  const found = {}
  for (const field of fields()) (found[field.name] ??= []).push(...of(field))
  return found
}

function changed() {
  const sent = held(sentOf)
  const differs = ([name, values]) => name in restored || !same(values, sent[name])
  return { ...restored, ...Object.fromEntries(Object.entries(held(valueOf)).filter(differs)) }
}

function note() {
  const typed = changed()
  if (same(typed, seen)) return
  seen = typed
  if (!Object.keys(typed).length) return forget(slot + mark.value)
  const isNoted = write(slot + mark.value, { at: Date.now(), base: version(), fields: typed })
  if (isNoted) form.autocomplete = "off" // the browser would fill whichever rows stand in those places on return
}

/* From here on this form's note goes on from an earlier one, which is in the form again. */
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

function addRows(name, count) {
  const link = document.querySelector(`#${CSS.escape(name.replace("-TOTAL_FORMS", "-group"))} .add-row a`)
  for (let n = Number(form.elements[name].value); link && n < Number(count); n++) link.click()
}

function unfold(field) {
  const isPlace = field.name.endsWith("-position")
  let part = field.closest(isPlace ? ".ordered__part" : "details")
  for (; part; part = part.parentElement.closest("details")) part.open = true
}

function fillIn(field, values) {
  if (isBox(field)) field.checked = values.includes(field.value)
  else if (!field.options) field.value = values[0] ?? ""
  else if ([...field.options].some(({ value }) => values.includes(value)))
    for (const option of field.options) option.selected = values.includes(option.value)
  field.closest(".prose-editor")?.querySelector(".tiptap")?.editor.commands.setContent(field.value)
  for (const type of ["input", "change"]) field.dispatchEvent(new Event(type, { bubbles: true }))
  unfold(field)
}

function fill(kept) {
  for (const field of fields().filter(isCount)) addRows(field.name, kept[field.name]?.[0])
  for (const field of fields()) {
    const values = isBox(field) ? kept[field.name]?.filter((value) => value === field.value) : kept[field.name]
    if (values && !isCount(field) && !same(values, valueOf(field))) fillIn(field, values)
  }
  for (const group of form.querySelectorAll(".ordered")) group.dispatchEvent(new Event("rows:filled", { bubbles: true }))
}

function tell(box, text) {
  const line = Object.assign(document.createElement("p"), { textContent: text, role: "status", tabIndex: -1 })
  box.replaceChildren(line)
  return line
}

/* What stands in the form until now stays in a note of its own. */
function putBack(key, kept, box) {
  note()
  if (kept.base !== version()) {
    attempt(() => sessionStorage.setItem(PREFIX, key))
    here.searchParams.set("base_version", kept.base)
    return location.replace(here)
  }
  begin()
  fill(kept.fields)
  takeOver(key, kept)
  const joined = isOlder ? " Others changed this meanwhile: saving joins theirs with yours." : ""
  tell(box, `Your text is in the form again. It is not saved yet.${joined}`).focus()
}

function throwAway(key, box) {
  forget(key)
  tell(box, "The text is thrown away.").focus()
}

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

/* Whether the form holds what is noted, as when it comes back with a mistake. */
function isShown({ base, fields }) {
  const now = held(valueOf)
  return base === version() && Object.entries(fields).every(([name, values]) => same(values, now[name]))
}

function start() {
  for (const field of fields().filter(isCount)) counts[field.name] = field.value
  if (!mark.value) begin()
  seen = changed()
  const wanted = attempt(() => sessionStorage.getItem(PREFIX))
  attempt(() => sessionStorage.removeItem(PREFIX))
  for (const [key, kept] of tidied().filter(([key]) => key.startsWith(slot))) {
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
