export { exportLog } from "./export.ts";
export { decideFork } from "./fork.ts";
export { deleteSearch, saveSearch } from "./saved.ts";
export { sweep } from "./sweep.ts";
