#!/usr/bin/env node
import { main } from "../dist/src/platform/audit/gatehouse-verify.js";

process.exitCode = await main(process.argv.slice(2), (text) => process.stdout.write(text));
