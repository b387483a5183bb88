/** @jsxImportSource hono/jsx */
import {
  ActionButton,
  Actions,
  BarChart,
  Button,
  Clock,
  CodeBlock,
  type Column,
  Columns,
  Confirm,
  Diff,
  Digest,
  EmptyState,
  errorOf,
  Facts,
  Field,
  FieldGroup,
  Figures,
  Filters,
  Form,
  Histogram,
  LinkButton,
  Mask,
  Money,
  Notice,
  Panel,
  Progress,
  ProofPath,
  StateBadge,
  StateMachine,
  Table,
  Tabs,
  Timeline,
} from "../../views/components/index.ts";
import type { ViewContext } from "../../views/context.ts";
import { Page, SignedOutPage } from "../../views/layout/index.ts";

/** Every component with data, on one page, as a person of the mall would meet it. */
export function Gallery({ v }: { v: ViewContext }) {
  const say = (zh: string, en: string) => (v.language === "en" ? en : zh);
  return (
    <Page
      v={v}
      title={say("会员", "Members")}
      count={v.format.number(20_318)}
      lead={say(
        "按会员号、手机号或邮箱查找；个人信息默认隐藏，查看须写明用途。",
        "Find members by number, phone or mail. Personal data is masked until you say why you need it.",
      )}
      crumbs={[{ label: say("组件", "Components"), href: "/" }]}
      actions={
        <>
          <LinkButton
            v={v}
            label={say("导出", "Export")}
            href="/members/export"
            icon="download"
            command="members.export"
          />
          <LinkButton
            v={v}
            label={say("导入会员", "Import members")}
            href="/members/import"
            icon="upload"
            kind="primary"
          />
        </>
      }
      personalData
    >
      <Figures
        v={v}
        figures={[
          {
            label: say("处置中的事件", "Open incidents"),
            value: 2,
            note: say("最近时限 1 小时 12 分后", "Next deadline in 1 h 12 min"),
            tone: "bad",
            icon: "incidents",
            href: "/incidents",
          },
          {
            label: say("等我复核", "Waiting for me"),
            value: 5,
            note: say("最早提交于 20 分钟前", "Oldest asked 20 minutes ago"),
            tone: "warn",
            icon: "two-people",
            href: "/approvals",
          },
          {
            label: say("审计日志", "Audit log"),
            value: v.format.number(1_204_881),
            note: say("3 个见证人已签名", "Signed by 3 witnesses"),
            tone: "good",
            icon: "audit",
          },
          {
            label: say("本月退款", "Refunds this month"),
            value: <Money v={v} money={{ amount: 1_284_550n, currency: "CNY" }} />,
            note: say("较上月 −4.2%", "−4.2% on last month"),
            icon: "money",
          },
        ]}
      />
      <Tabs
        v={v}
        label={say("会员视图", "Views of members")}
        tabs={[
          { label: say("全部", "All"), href: "/members", current: true, count: 20_318 },
          { label: say("待审核", "To review"), href: "/members?state=submitted", count: 41 },
          { label: say("已冻结", "Frozen"), href: "/members?state=frozen", count: 7 },
        ]}
      />
      <MemberFilters v={v} say={say} />
      <MemberTable v={v} say={say} />
      <Columns layout="main-aside">
        <Panel
          title={say("资料", "Details")}
          aside={<StateBadge v={v} tone="bad" label={say("已冻结", "Frozen")} icon="lock" />}
        >
          <Facts
            facts={[
              { label: say("会员号", "Member number"), value: "M-0002318" },
              {
                label: say("手机号", "Phone"),
                value: (
                  <Mask
                    v={v}
                    value="138****8000"
                    field={say("手机号", "phone")}
                    revealHref="/members/1/reveal?field=phone"
                  />
                ),
              },
              {
                label: say("邮箱", "Mail"),
                value: (
                  <Mask
                    v={v}
                    value="z***@example.com"
                    field={say("邮箱", "mail")}
                    revealHref="/members/1/reveal?field=email"
                  />
                ),
              },
              {
                label: say("注册时间", "Registered"),
                value: <Clock v={v} at={new Date("2024-11-11T02:03:04Z")} />,
              },
              {
                label: say("最近登录", "Last seen"),
                value: <Clock v={v} at={new Date("2026-03-05T05:40:00Z")} show="relative" />,
              },
              { label: say("备注", "Note"), value: null },
              {
                label: say("记录哈希", "Record hash"),
                value: (
                  <Digest
                    value="9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
                    keep={24}
                  />
                ),
                wide: true,
              },
            ]}
          />
        </Panel>
        <Panel title={say("下一步", "Next steps")}>
          <Actions>
            <ActionButton
              v={v}
              label={say("解除冻结", "Unfreeze")}
              action="/members/1/freeze"
              command="members.unfreeze"
              version={3}
            />
            <ActionButton
              v={v}
              label={say("结束全部会话", "End all sessions")}
              action="/members/1/sessions"
              kind="danger"
              icon="ban"
            />
            <LinkButton
              v={v}
              label={say("谁看过该会员", "Who saw this member")}
              href="/audit?object=member:1"
              kind="quiet"
              icon="eye"
            />
          </Actions>
        </Panel>
      </Columns>
      <Columns>
        <Panel title={say("变更", "Change")}>
          <Diff
            v={v}
            caption={say("会员资料的变更", "Changes of the member")}
            changes={[
              {
                label: say("状态", "State"),
                before: { shown: say("正常", "Active") },
                after: { shown: say("已冻结", "Frozen") },
              },
              {
                label: say("手机号", "Phone"),
                before: { commitment: "6b86b273ff34fce1" },
                after: { commitment: "d4735e3a265e16ee" },
              },
              {
                label: say("备注", "Note"),
                before: null,
                after: { shown: say("多次拒收，待核实", "Refused delivery several times, to be checked") },
              },
            ]}
          />
        </Panel>
        <Panel title={say("历史", "History")}>
          <Timeline
            v={v}
            label={say("该会员的历史", "History of this member")}
            entries={[
              {
                at: new Date("2026-03-05T05:58:00Z"),
                title: say("冻结账户", "Account frozen"),
                actor: say("陈静 · 隐私官", "Chen Jing · privacy officer"),
                tone: "bad",
                icon: "lock",
                body: say("用途：核实异常订单", "Purpose: checking unusual orders"),
              },
              {
                at: new Date("2026-03-05T05:41:00Z"),
                title: say("查看手机号", "Phone revealed"),
                actor: say("王磊 · 客服", "Wang Lei · service agent"),
                tone: "warn",
                icon: "eye",
              },
              {
                at: new Date("2026-03-04T01:12:00Z"),
                title: say("资料审核通过", "Submitted data accepted"),
                actor: say("刘洋 · 运营", "Liu Yang · operations"),
                tone: "good",
                icon: "approve",
              },
              { at: new Date("2024-11-11T02:03:04Z"), title: say("注册", "Registered"), icon: "plus" },
            ]}
          />
        </Panel>
      </Columns>
      <Columns>
        <Panel title={say("最近 48 小时", "Last 48 hours")}>
          <Histogram
            v={v}
            title={say("每小时事件数（红色为被拒绝）", "Events per hour (red: refused)")}
            markedLabel={say("被拒绝", "Refused")}
            bars={hours.map((value, hour) => ({
              label: `${hour < 24 ? "03-04" : "03-05"} ${String(hour % 24).padStart(2, "0")}:00`,
              value,
              marked: hour === 31 ? 34 : value % 5 === 0 ? 3 : 0,
              href: `/audit?hour=${hour}`,
            }))}
          />
        </Panel>
        <Panel title={say("按动作", "By action")}>
          <BarChart
            v={v}
            title={say("今日动作", "Actions today")}
            bars={[
              { label: say("查看资料", "Reveal"), value: 812, href: "/audit?action=members.reveal" },
              { label: say("编辑会员", "Edit member"), value: 344 },
              { label: say("登录", "Sign in"), value: 96 },
              { label: say("导出", "Export"), value: 3 },
            ]}
          />
        </Panel>
      </Columns>
      <Panel title={say("导入", "Import")}>
        <Progress
          v={v}
          label={say("会员导入.csv", "members.csv")}
          done={13_482}
          total={20_000}
          rate={1850}
          left={214}
        />
      </Panel>
      <Columns>
        <Panel title={say("状态图", "State machine")}>
          <StateMachine
            v={v}
            id="member-life"
            title={say("会员的一生", "The life of a member")}
            current="active"
            states={[
              { name: "submitted", label: say("待审核", "Submitted") },
              { name: "active", label: say("正常", "Active") },
              { name: "refused", label: say("未通过", "Refused") },
              { name: "frozen", label: say("已冻结", "Frozen") },
              { name: "closed", label: say("已注销", "Closed") },
            ]}
            transitions={[
              { from: "submitted", to: "active", label: say("通过", "accept") },
              { from: "submitted", to: "refused", label: say("拒绝", "refuse") },
              { from: "active", to: "frozen", label: say("冻结", "freeze") },
              { from: "frozen", to: "active", label: say("解冻", "unfreeze") },
              { from: "active", to: "closed", label: say("注销", "close") },
              { from: "refused", to: "closed", label: say("注销", "close") },
            ]}
          />
        </Panel>
        <Panel title={say("证明", "Proof")}>
          <ProofPath
            v={v}
            leaf="c1f0a42b5d2c9c1f0a42"
            root="7d1e9a515d2c9c1f0a42"
            steps={[
              { side: "right", hash: "a51d2c9c1f0a4201970c", parent: "11aa22bb33cc44dd55ee" },
              { side: "left", hash: "02e98b11c0a4201970c6", parent: "66ff77aa88bb99cc00dd" },
              { side: "left", hash: "5b1c77d0e0a4201970c6", parent: "0f1e2d3c4b5a69788796" },
              { side: "right", hash: "e83f06aa1fa4201970c6" },
            ]}
          />
          <CodeBlock
            v={v}
            label={say("验证命令", "Command to verify")}
            text="gatehouse-verify event-1204881.tlog-proof --policy log.tlog-policy"
          />
        </Panel>
      </Columns>
      <Columns>
        <Panel title={say("编辑会员", "Edit member")}>
          <EditForm v={v} say={say} />
        </Panel>
        <Confirm
          v={v}
          danger
          command="members.restrict"
          title={say("删除 3 位会员的个人信息？", "Erase the personal data of 3 members?")}
          action="/members/erasures"
          consequences={[
            say(
              "3 位会员的姓名、手机号、邮箱和地址将永久无法读取。",
              "Name, phone, mail and address of 3 members become unreadable for ever.",
            ),
            say(
              "订单与发票按法定期限保留，不含联系方式。",
              "Orders and invoices stay for their statutory period, without contact data.",
            ),
            say("需要隐私官复核后才会执行。", "Nothing happens before a privacy officer agrees."),
          ]}
          confirmLabel={say("申请删除", "Ask for erasure")}
          cancelHref="/members"
          reason={{ maxlength: 500 }}
        />
      </Columns>
      <Notice v={v} tone="warn">
        {say(
          "密钥轮换将于今晚 02:00 开始，期间可以正常使用。",
          "Key rotation starts at 02:00 tonight. Work can go on meanwhile.",
        )}
      </Notice>
      <Actions>
        <StateBadge v={v} tone="neutral" label={say("草稿", "Draft")} />
        <StateBadge v={v} tone="info" label={say("处理中", "In progress")} />
        <StateBadge v={v} tone="good" label={say("正常", "Active")} />
        <StateBadge v={v} tone="warn" label={say("即将到期", "Due soon")} />
        <StateBadge v={v} tone="bad" label={say("已逾期", "Overdue")} />
      </Actions>
      <EmptyState
        v={v}
        title={say("没有等您复核的申请", "Nothing waits for your approval")}
        text={say(
          "有人提交后会出现在这里，并通过邮件提醒您。",
          "New requests appear here, and you get a mail.",
        )}
        icon="approve"
        action={
          <LinkButton
            v={v}
            label={say("查看已处理的申请", "See what was decided")}
            href="/approvals?state=decided"
          />
        }
      />
    </Page>
  );
}

const hours = Array.from({ length: 48 }, (_, hour) =>
  Math.round(40 + 36 * Math.sin((hour - 8) / 3.8) + (hour % 7) * 4),
);

interface Told {
  v: ViewContext;
  say: (zh: string, en: string) => string;
}

function MemberFilters({ v, say }: Told) {
  return (
    <Filters v={v} action="/members" label={say("筛选会员", "Filter members")} results="members" active>
      <Field
        v={v}
        type="search"
        name="q"
        label={say("会员号、手机号或邮箱", "Number, phone or mail")}
        value="138"
        autocomplete="off"
      />
      <Field
        v={v}
        type="select"
        name="state"
        label={say("状态", "State")}
        blank={say("全部", "All")}
        options={[{ value: "active", label: say("正常", "Active") }]}
      />
      <Field v={v} type="date" name="since" label={say("注册起始", "Registered since")} value="2025-01-01" />
    </Filters>
  );
}

interface Member {
  number: string;
  name: string;
  phone: string;
  points: bigint;
  spent: bigint;
  seen: Date;
  state: "good" | "warn" | "bad";
}

const members: Member[] = ["张*", "欧阳*", "李**", "W*** S****", "陈*"].map((name, index) => ({
  number: `M-000231${index}`,
  name,
  phone: `13${index}****80${index}0`,
  points: BigInt(index * 12_345),
  spent: BigInt(index * 3_499_00 + 9_90),
  seen: new Date(Date.parse("2026-03-05T05:40:00Z") - index * 86_000_000),
  state: index === 3 ? "bad" : index === 1 ? "warn" : "good",
}));

function MemberTable({ v, say }: Told) {
  const states = {
    good: say("正常", "Active"),
    warn: say("待审核", "To review"),
    bad: say("已冻结", "Frozen"),
  };
  const columns: Column<Member>[] = [
    {
      key: "number",
      label: say("会员号", "Number"),
      primary: true,
      sortable: true,
      mono: true,
      cell: (m) => m.number,
    },
    { key: "name", label: say("姓名", "Name"), cell: (m) => m.name },
    {
      key: "phone",
      label: say("手机号", "Phone"),
      cell: (m) => (
        <Mask
          v={v}
          value={m.phone}
          field={`${say("手机号", "phone")} ${m.number}`}
          revealHref={`/members/${m.number}/reveal`}
        />
      ),
    },
    {
      key: "state",
      label: say("状态", "State"),
      cell: (m) => <StateBadge v={v} tone={m.state} label={states[m.state]} />,
    },
    {
      key: "points",
      label: say("积分", "Points"),
      align: "end",
      secondary: true,
      cell: (m) => v.format.number(m.points),
    },
    {
      key: "spent",
      label: say("累计消费", "Spent"),
      align: "end",
      sortable: true,
      cell: (m) => <Money v={v} money={{ amount: m.spent, currency: "CNY" }} />,
    },
    {
      key: "seen",
      label: say("最近登录", "Last seen"),
      secondary: true,
      cell: (m) => <Clock v={v} at={m.seen} show="relative" />,
    },
  ];
  return (
    <Table
      v={v}
      id="members"
      caption={say("会员列表", "List of members")}
      columns={columns}
      rows={members}
      rowName={(m) => m.number}
      rowHref={(m) => `/members/${m.number}`}
      rowActions={(m) => (
        <>
          <a href={`/members/${m.number}/edit`}>{say("编辑", "Edit")}</a>
          <ActionButton
            v={v}
            label={say("冻结", "Freeze")}
            action={`/members/${m.number}/freeze`}
            kind="danger"
            command="members.freeze"
          />
        </>
      )}
      select={{ name: "member", form: "bulk", value: (m) => m.number }}
      sort={{
        key: "number",
        direction: "descending",
        href: (key, direction) => `/members?sort=${key}&direction=${direction}`,
      }}
      pages={{ previous: "/members?before=1", next: "/members?after=5", total: 10_000, more: true }}
      empty={{ title: say("没有会员", "No members") }}
    />
  );
}

function EditForm({ v, say }: Told) {
  const errors = [{ field: "phone", message: v.t("invalid.phone") }];
  return (
    <Form v={v} action="/members/1" errors={errors} version={3}>
      <Field
        v={v}
        name="name"
        label={say("姓名", "Name")}
        value="张三"
        autocomplete="off"
        required
        maxlength={80}
      />
      <Field
        v={v}
        type="tel"
        name="phone"
        label={say("手机号", "Phone")}
        value="1380013800"
        autocomplete="off"
        error={errorOf(errors, "phone")}
        hint={say("中国大陆号码可省略 +86", "+86 is assumed")}
        required
      />
      <Field
        v={v}
        type="password"
        name="password"
        label={say("密码", "Password")}
        autocomplete="new-password"
      />
      <Field
        v={v}
        type="radio"
        name="sex"
        label={say("性别", "Sex")}
        values={["f"]}
        options={[
          { value: "f", label: say("女", "Female") },
          { value: "m", label: say("男", "Male") },
        ]}
      />
      <Field
        v={v}
        type="checkboxes"
        name="consents"
        label={say("同意事项", "Consents")}
        values={["sms"]}
        options={[
          {
            value: "sms",
            label: say("短信营销", "Marketing by text message"),
            hint: say("第 4 版 · 2026-01-01 起", "Version 4, since 2026-01-01"),
          },
          { value: "mail", label: say("邮件营销", "Marketing by mail") },
        ]}
      />
      <FieldGroup legend={say("附件", "Attachment")}>
        <Field v={v} type="file" name="proof" label={say("证明文件", "Proof")} accept=".pdf,.png" />
        <Field
          v={v}
          type="checkbox"
          name="checked"
          label={say("我已核对本人身份", "I have checked who this is")}
        />
      </FieldGroup>
      <Field v={v} type="textarea" name="note" label={say("备注", "Note")} value="" rows={2} />
      <Actions>
        <Button v={v} label={v.t("common.save")} kind="primary" />
        <LinkButton v={v} label={v.t("common.cancel")} href="/members" kind="quiet" />
      </Actions>
    </Form>
  );
}

/** The page before the pages. */
export function SignInExample({ v }: { v: ViewContext }) {
  const say = (zh: string, en: string) => (v.language === "en" ? en : zh);
  return (
    <SignedOutPage
      v={v}
      title={say("登录", "Sign in")}
      lead={say(
        "请使用您本人的账户。每次登录都会被记录。",
        "Use your own account. Every sign-in is recorded.",
      )}
    >
      <Form v={v} action="/sign-in">
        <Field v={v} name="login" label={say("登录名", "Login")} autocomplete="username" required autofocus />
        <Field
          v={v}
          type="password"
          name="password"
          label={say("密码", "Password")}
          autocomplete="current-password"
          required
        />
        <Button v={v} label={say("继续", "Continue")} kind="primary" />
      </Form>
    </SignedOutPage>
  );
}
