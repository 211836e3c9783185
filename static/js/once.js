/* A form that is on its way is not sent again: a second click on Save would save a new row twice. It may be sent again
   when the page is returned to, and after a while, as staff may have stopped it. */

const A_WHILE = 10_000
/** When each form was sent. @type {Map<EventTarget | null, number>} */
const sent = new Map()

addEventListener("submit", (event) => {
  const button = /** @type {HTMLButtonElement | null} */ (event.submitter)
  const isElsewhere = button?.formTarget === "_blank"
  if (event.defaultPrevented || isElsewhere) return
  if (Date.now() - (sent.get(event.target) ?? 0) < A_WHILE) event.preventDefault()
  else sent.set(event.target, Date.now())
})
addEventListener("pageshow", () => sent.clear())
