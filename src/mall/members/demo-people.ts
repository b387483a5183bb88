import { stringify } from "csv-stringify/sync";
import { importColumns } from "./import/columns.ts";

type Person = Record<(typeof importColumns)[number], string>;

const families = Array.from(
  "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈",
);
const given = [
  ...Array.from("伟芳娜敏静丽强磊军洋勇艳杰娟涛明超霞平刚"),
  ..."子轩 雨桐 浩然 欣怡 宇航 梓涵 思远 佳琪 俊杰 诗涵 文博 晓彤 嘉豪 若曦 天佑 语嫣 建国 秀英 志强 桂兰".split(
    " ",
  ),
];
const latinFirst =
  "Anna Ben Chloe Daniel Elena Farid Grace Hiro Ines Jonas Karim Lucía Mei Noor Oscar Priya Quentin Rosa Sven Tara".split(
    " ",
  );
const latinLast =
  "Almeida Brown Costa Dubois Eriksen Fischer García Haddad Ivanova Jensen Kim López Müller Nguyen O'Brien Petrov Rossi Silva Tanaka Weber".split(
    " ",
  );
const hosts = ["example.com", "example.org", "example.net"];
const DAY_MS = 86_400_000;

/** Believable people who do not exist: the same every time, numbers in one block, mail at reserved names. */
export function demoPeople(count: number, now: Date, from = 10_000): Person[] {
  return Array.from({ length: count }, (_, at) => person(from + at, now));
}

/** The people as a file of the import. */
export function demoFile(people: readonly Person[]): string {
  return stringify([...people], { header: true, columns: [...importColumns] });
}

function person(n: number, now: Date): Person {
  const roll = (salt: number, sides: number) => spread(n * 31 + salt) % sides;
  const latin = roll(1, 7) === 0;
  const name = latin
    ? `${pick(latinFirst, roll(2, 1 << 20))} ${pick(latinLast, roll(3, 1 << 20))}`
    : `${pick(families, roll(4, 1 << 20))}${pick(given, roll(5, 1 << 20))}`;
  const born = 1950 + roll(6, 56);
  const registered = new Date(now.getTime() - (roll(7, 700) + 1) * DAY_MS - roll(8, 86_400) * 1_000);
  return {
    member_no: `G${100_000 + n}`,
    name,
    phone:
      latin && roll(9, 2) === 0
        ? `+44770090${String(n % 10_000).padStart(4, "0")}`
        : `1700${String(1_000_000 + n).slice(-7)}`,
    email: roll(10, 5) === 0 ? "" : `member${n}@${pick(hosts, roll(11, 3))}`,
    sex: pick(["女", "男", "female", "male", "女", "男", "其他", ""], roll(12, 8)),
    birth_date: roll(13, 12) === 0 ? "" : `${born}-${two(1 + roll(14, 12))}-${two(1 + roll(15, 28))}`,
    registered_at: registered.toISOString().replace(/\.\d+Z$/, "Z"),
    consents: pick(
      ["service@2026-01", "service@2026-01;marketing@2026-01", "service@2025-06;-marketing@2026-01"],
      roll(16, 3),
    ),
  };
}

/** Mixes the bits of a number: a die that falls the same way each time. */
function spread(n: number): number {
  let x = Math.imul(n ^ (n >>> 16), 0x45d9f3b);
  x = Math.imul(x ^ (x >>> 16), 0x45d9f3b);
  return (x ^ (x >>> 16)) >>> 0;
}

function pick<T>(list: readonly T[], at: number): T {
  const found = list[at % list.length];
  if (found === undefined) throw new Error("a list of the demo is empty");
  return found;
}

function two(n: number): string {
  return String(n).padStart(2, "0");
}
