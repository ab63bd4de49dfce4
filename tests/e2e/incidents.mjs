// An hour on two routers with five incidents in it, and the same hour a week before without them: what the manual investigates.
import { captureOf } from './netflow_v5.mjs';

const kMinute = 60_000;
const kWeek = 7 * 24 * 60 * kMinute;
export const kEdge = '192.0.2.1';
export const kBranch = '192.0.2.2';
export const kUplink = 3;
export const kBackup = { client: '10.4.7.30', server: '198.51.100.40', port: 873, from: 42, to: 54 };
export const kShop = { server: '10.4.2.20', port: 8443 };
export const kScanner = { client: '10.4.9.66', port: 445, from: 20, to: 24 };
export const kLeak = { client: '10.4.1.77', server: '203.0.113.200', port: 443, from: 5, to: 16 };
export const kMove = { before: 2, after: 4, at: 30 };

/** { [exporter]: records } up to end_ms, stamps in ascending order. */
export function incidents(end_ms) {
  const records = { [kEdge]: [], [kBranch]: [] };
  let port = 30_000;
  // Up and down: Mbit/s of this minute from the client and to it.
  const flow = (exporter, [client, server, serverPort], start_ms, up, down, [in_if, out_if]) => {
    const clientPort = (port = port >= 60_000 ? 30_000 : port + 1);
    const octets = (mbits) => Math.max(60, Math.round((mbits * 1e6 * 60) / 8));
    const one = (mbits) => ({ protocol: serverPort === 53 ? 17 : 6, flags: serverPort === 53 ? 0 : 0x1b, octets: octets(mbits), packets: Math.max(1, Math.ceil(octets(mbits) / 1100)), start_ms, end_ms: start_ms + kMinute - 1 });
    records[exporter].push({ ...one(up), from: client, to: server, fromPort: clientPort, toPort: serverPort, in_if, out_if });
    if (down > 0) records[exporter].push({ ...one(down), from: server, to: client, fromPort: serverPort, toPort: clientPort, in_if: out_if, out_if: in_if });
  };
  for (const hour_ms of [end_ms - kWeek, end_ms]) {
    const today = hour_ms === end_ms;
    for (let minute = -5; minute < 60; minute++) {
      const start_ms = hour_ms - (60 - minute) * kMinute;
      const during = ({ from, to }) => today && minute >= from && minute < to;
      const wave = 1 + 0.12 * Math.sin(minute / 5) + (today ? 0.04 : 0);
      for (let at = 0; at < 8; at++) {
        flow(kEdge, [`10.4.1.${20 + at}`, `203.0.113.${80 + (at % 3)}`, 443], start_ms, 0.02 * wave, (0.1 + 0.04 * at) * wave, [1, kUplink]);
        if (at % 2 === 0) flow(kEdge, [`10.4.1.${20 + at}`, '192.0.2.53', 53], start_ms, 0.002, 0.005, [1, kUplink]);
      }
      // The shop is asked from outside, over the same uplink: what the backup takes it lacks.
      for (let at = 0; at < 6; at++) flow(kEdge, [`198.51.100.${100 + at}`, kShop.server, kShop.port], start_ms, 0.02, 0.13 * wave * (during(kBackup) ? 0.25 : 1), [kUplink, 1]);
      if (during(kBackup)) flow(kEdge, [kBackup.client, kBackup.server, kBackup.port], start_ms, 7.6, 0.1, [1, kUplink]);
      if (during(kLeak)) flow(kEdge, [kLeak.client, kLeak.server, kLeak.port], start_ms, 1.8, 0.03, [1, kUplink]);
      if (during(kScanner)) for (let at = 0; at < 60; at++) flow(kEdge, [kScanner.client, `10.4.32.${(minute - kScanner.from) * 60 + at}`, kScanner.port], start_ms, 0, 0, [1, 1]);
      for (let at = 0; at < 5; at++) flow(kBranch, [`10.5.1.${10 + at}`, '10.4.3.10', 445], start_ms, 0.05, (0.2 + 0.05 * at) * wave, [1, today && minute >= kMove.at ? kMove.after : kMove.before]);
    }
  }
  return records;
}

/** Captures to import, one per exporter. */
export function incidentCaptures(end_ms) {
  return Object.entries(incidents(end_ms)).map(([exporter, records]) => captureOf(records, exporter));
}
