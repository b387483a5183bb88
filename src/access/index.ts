export { type Access, type AccessOptions, openAccess } from "./open.ts";
export { accessModule } from "./module.ts";
export { type NarrowWriters, narrowWriters } from "./narrow.ts";
export { inviteFirst } from "./setup/commands.ts";
export { type AccessMatrix, accessMatrix, renderMatrix } from "./staff/matrix.ts";
