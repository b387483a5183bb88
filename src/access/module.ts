import { APPROVALS_JOB } from "../door/door.ts";
import { defineModule } from "../platform/module.ts";
import { decide, expire, withdraw } from "./approvals/commands.ts";
import { inbox, mine, viewRequest } from "./approvals/queries.ts";
import { approvalRoutes } from "./approvals/routes.tsx";
import { tellApprovers } from "./approvals/tell.ts";
import { demo } from "./demo.ts";
import { endBreakGlass, openBreakGlass, reviewBreakGlass } from "./break-glass/commands.ts";
import { listBreakGlass, viewBreakGlass } from "./break-glass/queries.ts";
import { breakGlassRoutes } from "./break-glass/routes.tsx";
import {
  confirmEnrolment,
  confirmReplacement,
  regenerateRecovery,
  startEnrolment,
  startReplacement,
  viewEnrolment,
  viewReplacement,
} from "./factor/commands.ts";
import { lockFactor } from "./factor/lock.ts";
import { factorRoutes } from "./factor/routes.tsx";
import { grantDangerousRole, grantRole, revokeRole } from "./grants/commands.ts";
import { elevate } from "./grants/elevate.ts";
import { sweep } from "./grants/sweep.ts";
import { homeRoutes } from "./home/routes.tsx";
import { acceptLink } from "./links/accept.ts";
import { linkRoutes } from "./links/routes.tsx";
import { changePassword, endOwnSession, endOwnSessions, setPreferences } from "./me/commands.ts";
import { me } from "./me/query.ts";
import { meRoutes } from "./me/routes.tsx";
import { notices, readNotices } from "./notices/queries.ts";
import { accessParams } from "./params.ts";
import { accessReview } from "./reviews/due.ts";
import { keepRole } from "./reviews/keep.ts";
import { lapseUnreviewed } from "./reviews/lapse.ts";
import { reviewRoutes } from "./reviews/routes.tsx";
import { beginSetup, inviteFirst, inviteSecond, viewSetup } from "./setup/commands.ts";
import { setupRoutes } from "./setup/routes.tsx";
import { signIn, signInCode, signOut } from "./sign-in/commands.ts";
import { signInRoutes } from "./sign-in/routes.tsx";
import { disable, enable, endSessions, invite, resetFactor, resetPassword } from "./staff/commands.ts";
import { matrix } from "./staff/matrix.ts";
import { listStaff, viewStaff } from "./staff/queries.ts";
import { staffRoutes } from "./staff/routes.tsx";
import { stepUpCommand } from "./step-up/command.ts";
import { forgedForm, turnAway } from "./turned-away.ts";

/** Who works here, how they prove it, and what they may do. */
export const accessModule = defineModule({
  name: "access",
  commands: [
    // signing in, and the proofs of it
    signIn,
    signInCode,
    signOut,
    stepUpCommand,
    turnAway,
    forgedForm,
    lockFactor,
    startEnrolment,
    confirmEnrolment,
    startReplacement,
    confirmReplacement,
    regenerateRecovery,
    acceptLink,
    // one's own account
    changePassword,
    endOwnSession,
    endOwnSessions,
    setPreferences,
    elevate,
    readNotices,
    // people and their rights
    invite,
    disable,
    enable,
    endSessions,
    resetPassword,
    resetFactor,
    grantRole,
    grantDangerousRole,
    revokeRole,
    openBreakGlass,
    endBreakGlass,
    reviewBreakGlass,
    // four eyes
    decide,
    withdraw,
    expire,
    tellApprovers,
    // the first three, and what goes by itself
    inviteFirst,
    beginSetup,
    inviteSecond,
    keepRole,
    lapseUnreviewed,
    sweep,
  ],
  queries: [
    inbox,
    mine,
    viewRequest,
    listBreakGlass,
    viewBreakGlass,
    viewEnrolment,
    viewReplacement,
    me,
    notices,
    viewSetup,
    matrix,
    listStaff,
    viewStaff,
    accessReview,
  ],
  routes: [
    ...homeRoutes,
    ...signInRoutes,
    ...factorRoutes,
    ...linkRoutes,
    ...setupRoutes,
    ...meRoutes,
    ...staffRoutes,
    ...reviewRoutes,
    ...breakGlassRoutes,
    ...approvalRoutes,
  ],
  params: accessParams,
  jobs: [
    {
      name: "access.sweep",
      cron: "*/10 * * * *",
      run: async ({ door, credential }) => void (await door.execute(sweep, credential, {})),
    },
    {
      name: "access.review",
      cron: "20 1 * * *",
      run: async ({ door, credential }) => void (await door.execute(lapseUnreviewed, credential, {})),
    },
    {
      name: "approvals.expire",
      cron: "*/5 * * * *",
      run: async ({ door, credential }) => void (await door.execute(expire, credential, {})),
    },
    {
      name: APPROVALS_JOB,
      run: async ({ door, credential }) => void (await door.execute(tellApprovers, credential, {})),
    },
  ],
  nav: [
    { group: "watch", label: "access.approvals", path: "/approvals", access: decide, icon: "approve" },
    { group: "people", label: "access.nav.staff", path: "/staff", access: listStaff, icon: "people" },
  ],
  demo,
  tour: [
    { label: "tour.approvals", path: "/approvals", access: decide },
    { label: "tour.staff", path: "/staff", access: listStaff },
    { label: "tour.me", path: "/me", access: me },
  ],
});
