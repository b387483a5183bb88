import { monitorEventLoopDelay } from "node:perf_hooks";

/** Upper bounds of the histogram of request times, in seconds. */
const bounds = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5] as const;
const methods = new Set(["GET", "HEAD", "POST"]);

export interface Metrics {
  request(seen: { method: string; route: string; status: number; seconds: number }): void;
  /** Everything in the Prometheus text format, version 0.0.4. */
  text(gauges: Readonly<Record<string, number>>): string;
  close(): void;
}

/** Counts requests of this process. Labels are route patterns and statuses, so their number is bounded. */
export function createMetrics(): Metrics {
  const requests = new Map<string, number>();
  const buckets: number[] = bounds.map(() => 0);
  let count = 0;
  let sum = 0;
  const delay = monitorEventLoopDelay({ resolution: 20 });
  delay.enable();
  return {
    request({ method, route, status, seconds }) {
      const labels = `method="${methods.has(method) ? method : "other"}",route="${route}",status="${status}"`;
      requests.set(labels, (requests.get(labels) ?? 0) + 1);
      count += 1;
      sum += seconds;
      for (const [index, bound] of bounds.entries())
        if (seconds <= bound) buckets[index] = (buckets[index] ?? 0) + 1;
    },
    text(gauges) {
      const process_ = {
        process_resident_memory_bytes: process.memoryUsage.rss(),
        process_uptime_seconds: Math.round(process.uptime()),
        nodejs_eventloop_delay_p99_seconds: delay.percentile(99) / 1e9,
        ...gauges,
      };
      return [
        "# TYPE gatehouse_http_requests_total counter",
        ...[...requests].map(([labels, value]) => `gatehouse_http_requests_total{${labels}} ${value}`),
        "# TYPE gatehouse_http_request_seconds histogram",
        ...bounds.map(
          (bound, index) => `gatehouse_http_request_seconds_bucket{le="${bound}"} ${buckets[index] ?? 0}`,
        ),
        `gatehouse_http_request_seconds_bucket{le="+Inf"} ${count}`,
        `gatehouse_http_request_seconds_sum ${sum}`,
        `gatehouse_http_request_seconds_count ${count}`,
        ...Object.entries(process_).flatMap(([name, value]) => [`# TYPE ${name} gauge`, `${name} ${value}`]),
        "",
      ].join("\n");
    },
    close: () => void delay.disable(),
  };
}
