/* What Django's admin brings to the page, and the events between its scripts and ours. */

declare const django: { jQuery: (ready: () => void) => void }

interface DocumentEventMap {
  "formset:added": CustomEvent<{ formsetName: string }>
  "formset:removed": CustomEvent<{ formsetName: string }>
  "rows:divided": Event
  "rows:filled": Event
}
