import { z } from "zod";
import type { HomeTile } from "./tile.ts";

const Waiting = z.array(z.unknown());
const Glasses = z.array(z.object({ outcome: z.string().nullable(), dueAt: z.date() }));
const Log = z.object({
  size: z.number(),
  quorum: z.number(),
  inTime: z.number(),
  fork: z.unknown().optional(),
});
const Jobs = z.object({ counts: z.record(z.string(), z.number()) });
const Reviews = z.object({ rows: z.array(z.unknown()), next: z.unknown().optional() });

/** What the first screens open with, in the order in which it stands there. */
export const tiles: readonly HomeTile[] = [
  {
    query: "approvals.inbox",
    input: {},
    acts: "approvals.decide",
    on: ["watch", "evidence", "queue"],
    figure(result, v) {
      const { length } = Waiting.parse(result);
      return {
        label: v.t("access.waiting"),
        value: v.format.number(length),
        href: "/approvals",
        icon: "approve",
        tone: length > 0 ? "warn" : "good",
      };
    },
  },
  {
    query: "audit.status",
    input: {},
    on: ["watch", "evidence"],
    figure(result, v) {
      const { size, quorum, inTime, fork } = Log.parse(result);
      const state = fork !== undefined ? "forked" : inTime < quorum ? "late" : "ok";
      return {
        label: v.t("access.tile.log"),
        value: v.t(`access.tile.log.${state}`),
        note: v.t("access.tile.log.size", { size }),
        href: "/audit/status",
        icon: "audit",
        tone: state === "ok" ? "good" : state === "late" ? "warn" : "bad",
      };
    },
  },
  {
    query: "jobs.list",
    input: {},
    on: ["watch"],
    figure(result, v) {
      const failed = Jobs.parse(result).counts["failed"] ?? 0;
      return {
        label: v.t("access.tile.jobs"),
        value: v.format.number(failed),
        href: "/jobs?state=failed",
        icon: "system",
        tone: failed > 0 ? "bad" : "good",
      };
    },
  },
  {
    query: "members.review_queue",
    input: {},
    on: ["evidence", "queue"],
    figure(result, v) {
      const { rows, next } = Reviews.parse(result);
      const count = v.format.number(rows.length);
      return {
        label: v.t("access.tile.reviews"),
        value: next === undefined ? count : `${count}+`,
        href: "/members/review",
        icon: "members",
        tone: rows.length > 0 ? "info" : "good",
      };
    },
  },
  {
    query: "staff.break_glass.list",
    input: {},
    on: ["watch", "evidence", "queue"],
    figure(result, v) {
      const open = Glasses.parse(result).filter(({ outcome }) => outcome === null);
      const late = open.filter(({ dueAt }) => dueAt < v.now).length;
      return {
        label: v.t("access.waiting.glass"),
        value: v.format.number(open.length),
        href: "/staff/break-glass",
        icon: "warn",
        tone: late > 0 ? "bad" : open.length > 0 ? "warn" : "good",
        ...(late > 0 ? { note: v.t("access.waiting.glass.late", { count: late }) } : {}),
      };
    },
  },
];
