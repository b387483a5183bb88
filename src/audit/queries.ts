export { event, proof } from "./event.ts";
export { histogram } from "./histogram.ts";
export { objectHistory, personHistory, seenBy } from "./history.ts";
export { entries } from "./entries.ts";
export { savedSearches } from "./saved.ts";
export { findOne, search } from "./search.ts";
export { status } from "./status.ts";
export { verifyLog } from "./verify.ts";
