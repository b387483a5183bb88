import { z } from "zod";

const Permission = z.string().regex(/^[a-z][a-z_]*(\.[a-z][a-z_]*)+$/);
const RoleName = z.string().regex(/^[a-z][a-z_]*$/);
const Words = z.strictObject({ "zh-CN": z.string().min(1), en: z.string().min(1) });

const RoleShape = z.strictObject({
  title: Words,
  /** Department of chapter 2 of the specification. */
  unit: z.enum([
    "general_manager",
    "technology",
    "operations",
    "marketing",
    "finance",
    "human_resources",
    "supervision",
  ]),
  /** Which first page its holder opens. */
  home: z.enum(["watch", "evidence", "queue"]),
  /** Roles whose holders may grant it. */
  granted_by: z.array(RoleName).min(1),
  /** May be taken for some hours with a reason. */
  just_in_time: z.boolean().default(false),
  permissions: z.array(Permission),
});

const GateShape = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("step-up"), level: z.enum(["fresh", "bound"]) }),
  z.strictObject({
    kind: z.literal("four-eyes"),
    quorum: z.int().min(1).max(5),
    from: z.array(RoleName).min(1),
    hours: z
      .int()
      .min(1)
      .max(24 * 14),
    /** The step-up that whoever asks has to show: like that before a command. */
    ask: z.enum(["none", "fresh", "bound"]).default("fresh"),
  }),
]);

/** `policies/access.yaml`: who may do what, what has to be shown first, and what no one person may do both of. */
export const AccessFile = z.strictObject({
  schema: z.literal("access/1"),
  id: z.literal("access"),
  version: z.string().regex(/^\d+\.\d+\.\d+$/),
  /** What every enrolled person may do for themselves. */
  everyone: z.array(Permission),
  roles: z.record(RoleName, RoleShape),
  /** Those who are no persons: the scheduler's jobs, the machine's operator. */
  services: z.strictObject({ scheduler: z.array(Permission), operator: z.array(Permission) }),
  /** Granting one of these needs four eyes. */
  dangerous: z.array(Permission),
  break_glass: z.strictObject({ holders_at_least: z.int().min(2), permissions: z.array(Permission).min(1) }),
  gates: z.record(Permission, GateShape),
  duties: z.strictObject({
    static: z.array(
      z.strictObject({
        id: z.string().regex(/^[a-z-]+$/),
        why: Words,
        one: z.array(Permission).min(1),
        other: z.array(Permission).min(1),
      }),
    ),
    dynamic: z.array(z.strictObject({ command: Permission, after: z.array(Permission).min(1), why: Words })),
  }),
});

/** What a file says to people, in both languages. */
export type Words = z.output<typeof Words>;
export type AccessFile = z.output<typeof AccessFile>;
export type RoleRule = z.output<typeof RoleShape>;
