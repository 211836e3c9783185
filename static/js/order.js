/* Order by mouse and keyboard: rows in a form, saved or new, which are numbered as they stand, and rows in a list.
   Django's inlines.js adds and removes a form's rows. The row that moves stays where it is in the document and its
   neighbours go round it, so that it keeps the focus and the pointer. */

const ROW = ".inline-related:not(.empty-form)"
/** @type {Record<string, string>} */
const WAYS = { top: "to the top", up: "up", down: "down", end: "to the end" }
const live = document.createElement("div")
live.className = "visually-hidden"
live.role = "status"

/** @param {string} text */
const say = (text) => {
  live.textContent = text
}
/** @param {Event} event */
const targetOf = (event) => /** @type {HTMLElement} */ (event.target)
/** The group around an element of one. @param {Element} element */
const groupOf = (element) => /** @type {HTMLElement} */ (element.closest(".ordered"))
/** The row around an element of one. @param {Element} element */
const rowOf = (element) => /** @type {HTMLElement} */ (element.closest(".ordered .inline-related"))
/** @param {Element} group */
const rowsOf = (group) => [.../** @type {NodeListOf<HTMLElement>} */ (group.querySelectorAll(ROW))]
/** @param {Element} row @returns {HTMLInputElement | null} */
const positionOf = (row) => row.querySelector("input[name$='-position']")
/** @param {Element} row */
const isKept = (row) => !row.querySelector("input[name$='-DELETE']:checked")
/** @param {Element} group */
const keptOf = (group) => rowsOf(group).filter(isKept)
/** @param {Element} row */
const indexOf = (row) => Number(row.id.match(/\d+$/)?.[0])
/** @param {string} way */
const isUp = (way) => way === "top" || way === "up"
const capitalised = (text = "") => text[0].toUpperCase() + text.slice(1)
const shortened = (text = "") => (text.length > 60 ? `${text.slice(0, 59)}…` : text)

/** Put rows into an order; those that already stand right are not touched. @param {Element[]} rows */
function arrange(rows) {
  rows.slice(1).forEach((row, n) => {
    if (row.previousElementSibling !== rows[n]) rows[n].after(row)
  })
}

/** Show the rows as their numbers say, which is how they stood when a form with a mistake was sent.
    @param {Element} group */
function sort(group) {
  const places = rowsOf(group).map((row) => ({ row, place: positionOf(row)?.value }))
  if (places.some(({ place }) => place === undefined)) return
  const sorted = places.toSorted(({ place: a }, { place: b }) => {
    if (a === "" || b === "") return Number(a === "") - Number(b === "")
    return Number(a) - Number(b)
  })
  arrange(sorted.map(({ row }) => row))
}

/** Number the rows as they stand, unless their numbers say so already. @param {Element} group */
function number(group) {
  const fields = keptOf(group).map(positionOf).filter((field) => field !== null)
  const isRight = fields.every(({ value }, n) => value && (!n || Number(value) > Number(fields[n - 1].value)))
  if (isRight) return
  for (const [n, field] of fields.entries()) field.value = String(n + 1)
}

/** Tell in words what the rows are: the title of each, the names of its buttons, how many there are.
    @param {Element} group */
function label(group) {
  const kept = keptOf(group)
  for (const row of rowsOf(group)) {
    const title = /** @type {HTMLElement} */ (row.querySelector(".ordered__title"))
    /** @type {HTMLInputElement | HTMLTextAreaElement | null} */
    const text = row.querySelector("details :is(input[type=text], textarea)")
    const typed = text?.value.trim()
    if (typed) title.textContent = typed
    const name = shortened(title.textContent ?? "")
    for (const button of /** @type {NodeListOf<HTMLButtonElement>} */ (row.querySelectorAll(".move"))) {
      const way = button.dataset.way ?? ""
      button.ariaLabel = `Move “${name}” ${WAYS[way]}`
      button.ariaDisabled = String(row === kept.at(isUp(way) ? 0 : -1))
    }
    row.querySelector("input[name$='-DELETE']")?.setAttribute("aria-label", `Delete “${name}”`)
    row.querySelector(".inline-deletelink")?.setAttribute("aria-label", `Remove “${name}”`)
  }
  const count = /** @type {HTMLElement} */ (group.querySelector(".ordered__count"))
  count.textContent = String(kept.length)
}

/** @param {Element} group */
function refresh(group) {
  number(group)
  label(group)
}

/** @param {HTMLElement} row */
function tellPlace(row) {
  const kept = keptOf(groupOf(row))
  say(`${capitalised(groupOf(row).dataset.name)} moved to place ${kept.indexOf(row) + 1} of ${kept.length}`)
}

/** Move a row past its next neighbour that is kept, or past all: whether there is one.
    @param {HTMLElement} row @param {string} way */
function step(row, way) {
  const rows = rowsOf(groupOf(row))
  const others = isUp(way) ? rows.slice(0, rows.indexOf(row)).reverse() : rows.slice(rows.indexOf(row) + 1)
  const isOne = way === "up" || way === "down"
  const count = (isOne ? others.findIndex(isKept) : others.findLastIndex(isKept)) + 1
  if (isUp(way)) row.after(...others.slice(0, count).reverse())
  else row.before(...others.slice(0, count))
  return count > 0
}

/** Let a row follow the pointer that holds its handle, and tell when it stands elsewhere in the end.
    @param {HTMLElement} handle @param {PointerEvent} event
    @param {HTMLElement} row @param {() => HTMLElement[]} rowsNow @param {() => void} moved */
function drag(handle, { pointerId }, row, rowsNow, moved) {
  const before = rowsNow().indexOf(row)
  /** @param {PointerEvent} event */
  const follow = ({ clientY: y, movementY: way }) => {
    if (y < 70 && way < 0) scrollBy(0, -20)
    if (y > innerHeight - 70 && way > 0) scrollBy(0, 20)
    /** @param {HTMLElement} other */
    const middle = (other) => other.getBoundingClientRect().top + other.offsetHeight / 2
    const rows = rowsNow()
    const at = rows.indexOf(row)
    for (const other of rows.slice(0, at).reverse().filter((other) => y < middle(other))) row.after(other)
    for (const other of rows.slice(at + 1).filter((other) => y > middle(other))) row.before(other)
  }
  handle.setPointerCapture(pointerId)
  row.classList.add("is-moving")
  handle.addEventListener("pointermove", follow)
  handle.addEventListener("lostpointercapture", () => {
    handle.removeEventListener("pointermove", follow)
    row.classList.remove("is-moving")
    if (rowsNow().indexOf(row) !== before) moved()
  }, { once: true })
}

/** @param {HTMLElement} handle @param {PointerEvent} event */
function dragInForm(handle, event) {
  const row = rowOf(handle)
  drag(handle, event, row, () => rowsOf(groupOf(row)), () => {
    refresh(groupOf(row))
    tellPlace(row)
  })
}

/** The rows of a list among which one may move: a question stays among those of its service.
    @param {HTMLElement} handle @param {PointerEvent} event */
function dragInList(handle, event) {
  const row = /** @type {HTMLTableRowElement} */ (handle.closest("tr"))
  /** @param {Element} other */
  const handleOf = (other) => /** @type {HTMLElement} */ (other.querySelector(".list__handle"))
  /** @returns {HTMLElement[]} */
  const rowsNow = () => [.../** @type {HTMLTableSectionElement} */ (row.parentElement).rows]
    .filter((other) => handleOf(other).dataset.list === handle.dataset.list)
  const before = rowsNow().indexOf(row)
  drag(handle, event, row, rowsNow, () => {
    const rows = rowsNow()
    const at = rows.indexOf(row)
    const way = at < before ? "up" : "down"
    const passed = handleOf(rows[at < before ? at + 1 : at - 1]).dataset.row
    const id = `${way}-${handle.dataset.row}`
    const arrow = /** @type {HTMLButtonElement} */ (document.getElementById(id))
    moveInList(arrow, `${way}:${passed}`)
  })
}

/** Send a list's button, or another move of its row, and show the list that comes back, with that button in focus.
    @param {HTMLButtonElement} button @param {string} [move] */
async function moveInList(button, move = button.value) {
  try {
    const body = new FormData(/** @type {HTMLFormElement} */ (button.form))
    body.set("move", move)
    const response = await fetch(button.formAction, { method: "POST", body })
    const page = new DOMParser().parseFromString(await response.text(), "text/html")
    const list = page.querySelector("#result_list")
    if (!response.ok || !list) throw new Error(String(response.status)) // without the list it is the login
    document.querySelector("#result_list")?.replaceWith(list)
    document.getElementById(button.id)?.focus()
    say(page.querySelector(".messagelist")?.textContent.trim() ?? "")
  } catch {
    location.reload()
  }
}

document.addEventListener("click", (event) => {
  /** @type {HTMLButtonElement | null} */
  const button = targetOf(event).closest(".ordered .move")
  if (!button) return
  if (step(rowOf(button), button.dataset.way ?? "")) refresh(groupOf(button))
  button.focus()
  tellPlace(rowOf(button))
})
document.addEventListener("pointerdown", (event) => {
  const handle = targetOf(event)
  const isInList = handle.matches(".list__handle")
  if (!(isInList || handle.matches(".ordered__handle")) || event.button) return
  event.preventDefault()
  if (isInList) dragInList(handle, event)
  else dragInForm(handle, event)
})
document.addEventListener("input", (event) => {
  const group = groupOf(targetOf(event))
  if (group) label(group)
})
document.addEventListener("change", (event) => {
  const field = targetOf(event)
  if (field.matches(".ordered [name$='-DELETE']")) refresh(groupOf(field))
})
document.addEventListener("rows:divided", (event) => {
  refresh(targetOf(event))
  say(`${targetOf(event).querySelectorAll(ROW).length} rows now`)
})
document.addEventListener("rows:filled", (event) => {
  sort(targetOf(event))
  label(targetOf(event))
})
document.addEventListener("formset:added", (event) => {
  const row = targetOf(event)
  if (!groupOf(row)) return
  refresh(groupOf(row))
  /** @type {HTMLInputElement | null} */
  const first = row.querySelector("details :is(input:not([type=hidden]), textarea, select)")
  first?.focus()
})
/* inlines.js now gives the rows their indexes anew, in the order of the document. A saved row must keep its own, so
   it finds them in that order, and they return to their places before anything is painted. */
document.addEventListener("formset:removed", ({ detail }) => {
  const group = document.getElementById(`${detail.formsetName}-group`)
  if (!group?.matches(".ordered")) return
  const shown = rowsOf(group)
  arrange(shown.toSorted((a, b) => indexOf(a) - indexOf(b)))
  queueMicrotask(() => {
    arrange(shown)
    refresh(group)
    /** @type {HTMLAnchorElement | null} */
    const link = group.querySelector(".add-row a")
    link?.focus()
    say(`${capitalised(group.dataset.name)} removed`)
  })
})
document.addEventListener("submit", (event) => {
  if (event.submitter?.matches("#changelist-form .move")) {
    event.preventDefault()
    moveInList(/** @type {HTMLButtonElement} */ (event.submitter))
  } else targetOf(event).querySelectorAll(".ordered").forEach(number)
})
/* A link to a part opens it. */
document.addEventListener("click", (event) => {
  /** @type {HTMLAnchorElement | null} */
  const link = targetOf(event).closest("a[href$='-group']")
  /** @type {HTMLDetailsElement | null} */
  const part = link && document.querySelector(`${link.hash} > fieldset > details`)
  if (part) part.open = true
})

document.querySelector("main")?.append(live)
for (const group of document.querySelectorAll(".ordered")) {
  sort(group)
  label(group)
}
