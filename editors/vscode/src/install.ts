// Installs the server into an environment of its own, below the extension's storage.

import { spawn } from "node:child_process";
import * as fs from "node:fs/promises";
import * as path from "node:path";
import { pathToFileURL } from "node:url";
import * as vscode from "vscode";
import { environmentOf, programsOf, which } from "./find";
import { own } from "./settings";

const NO_PYTHON =
  "Fathom's server is a Python program, and neither uv nor Python 3.11 or newer was found on the PATH. " +
  "Install one of them, or name a server that is there in the setting fathom.path.";

/** How much of what a step prints is shown when it fails, in characters. */
const TAIL = 600;

interface Step {
  readonly title: string;
  readonly program: string;
  readonly words: readonly string[];
}

/** Install or renew the server, with progress. Returns whether it is there afterwards. */
export async function install(context: vscode.ExtensionContext, log: vscode.LogOutputChannel): Promise<boolean> {
  const options = {
    location: vscode.ProgressLocation.Notification,
    title: "Fathom: installing the server",
    cancellable: true,
  };
  try {
    await vscode.window.withProgress(options, async (progress, token) => {
      const wanted = own("package") || (await bundled(context.extensionPath));
      for (const step of await plan(environmentOf(context.globalStorageUri), wanted)) {
        progress.report({ message: step.title });
        await run(step, token, log, (line) => progress.report({ message: `${step.title}: ${line}` }));
      }
    });
    return true;
  } catch (error) {
    if (error instanceof vscode.CancellationError) {
      return false;
    }
    log.error(`installing the server: ${error}`);
    const answer = await vscode.window.showErrorMessage(`Fathom was not installed. ${(error as Error).message}`, "Show the log");
    if (answer) {
      log.show();
    }
    return false;
  }
}

/** The server that comes with the extension, and llama.cpp with it, as a requirement. */
async function bundled(extension: string): Promise<string> {
  const folder = path.join(extension, "server");
  const wheel = (await fs.readdir(folder)).find((name) => name.endsWith(".whl"));
  if (!wheel) {
    throw new Error("The extension was packed without a server; name one in the setting fathom.package.");
  }
  return `fathom-ls[local] @ ${pathToFileURL(path.join(folder, wheel))}`;
}

async function plan(environment: string, wanted: string): Promise<Step[]> {
  await fs.mkdir(path.dirname(environment), { recursive: true });
  const python = path.join(programsOf(environment), process.platform === "win32" ? "python.exe" : "python");
  const uv = await which(process.platform === "win32" ? "uv.exe" : "uv");
  if (uv) {
    return [
      { title: "making an environment", program: uv, words: ["venv", "--quiet", "--allow-existing", "--python", ">=3.11", environment] },
      { title: "fetching and building", program: uv, words: ["pip", "install", "--upgrade", "--python", python, wanted] },
    ];
  }
  return [
    { title: "making an environment", program: await findPython(), words: ["-m", "venv", environment] },
    { title: "fetching and building", program: python, words: ["-m", "pip", "install", "--upgrade", "--disable-pip-version-check", "--progress-bar=off", wanted] },
  ];
}

async function findPython(): Promise<string> {
  const names = ["python3", "python3.13", "python3.12", "python3.11", "python"];
  const check = ["-c", "import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))"];
  for (const name of process.platform === "win32" ? ["python.exe", "py.exe"] : names) {
    const program = await which(name);
    if (program && (await answers(program, check))) {
      return program;
    }
  }
  throw new Error(NO_PYTHON);
}

function answers(program: string, words: readonly string[]): Promise<boolean> {
  return new Promise((resolve) => {
    const child = spawn(program, words, { stdio: "ignore" });
    child.once("error", () => resolve(false));
    child.once("exit", (code) => resolve(code === 0));
  });
}

function run(step: Step, token: vscode.CancellationToken, log: vscode.LogOutputChannel, tell: (line: string) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    log.info(`${step.program} ${step.words.join(" ")}`);
    // In a group of its own, so that a compiler that pip has started ends with it.
    const child = spawn(step.program, step.words, { stdio: ["ignore", "pipe", "pipe"], detached: process.platform !== "win32" });
    let said = "";
    const hear = (data: Buffer) => {
      said = (said + data.toString()).slice(-20 * TAIL);
      const lines = data.toString().split(/\r?\n/).map((line) => line.trim()).filter(Boolean);
      lines.forEach((line) => log.info(line));
      lines.slice(-1).forEach((line) => tell(line.slice(0, 80)));
    };
    child.stdout.on("data", hear);
    child.stderr.on("data", hear);
    token.onCancellationRequested(() => end(child.pid));
    child.once("error", reject);
    child.once("close", (code) => {
      if (token.isCancellationRequested) {
        reject(new vscode.CancellationError());
      } else if (code) {
        reject(new Error(`\`${path.basename(step.program)} ${step.words.slice(0, 3).join(" ")} …\` ended with ${code}: ${said.trim().slice(-TAIL)}`));
      } else {
        resolve();
      }
    });
  });
}

function end(pid: number | undefined): void {
  if (pid === undefined) {
    return;
  }
  try {
    process.kill(process.platform === "win32" ? pid : -pid);
  } catch {
    // It has ended by itself.
  }
}
