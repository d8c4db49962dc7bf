// The server's life: found, started, watched, started again when it dies, with the reason.

import { spawn, type ChildProcess } from "node:child_process";
import * as os from "node:os";
import * as vscode from "vscode";
import {
  CloseAction,
  DidChangeConfigurationNotification,
  ErrorAction,
  LanguageClient,
  State,
  type RegistrationRequest,
  type ErrorHandler,
  type Middleware,
  type RegistrationParams,
  type StaticFeature,
} from "vscode-languageclient/node";
import { find, type Found } from "./find";
import { EDIT, STATUS, type EditEvent, type Status } from "./protocol";
import { forServer } from "./settings";

/** The oldest server that this extension can talk to. */
const OLDEST = [0, 1, 0];
/** Pauses before a server that died is started again, in ms. After the last one it stays away. */
const PAUSES = [500, 1000, 2000, 5000];
/** A server that lived so long, in ms, has its deaths before forgiven. */
const LONG = 60000;
/** How much of what the server said last is told when it dies, in characters. */
const TAIL = 2000;
const STARTING: Status = { state: "starting", message: "The server is being started.", model: "" };
const INLINE_COMPLETION = "textDocument/inlineCompletion";

const CAPABILITIES: StaticFeature = {
  fillClientCapabilities: (capabilities) => {
    capabilities.experimental = { ...capabilities.experimental, fathom: { status: true, edit: true, instruction: true } };
  },
  initialize: () => undefined,
  getState: () => ({ kind: "static" }),
  clear: () => undefined,
};

export class Server implements vscode.Disposable {
  readonly log: vscode.LogOutputChannel;
  readonly trace: vscode.LogOutputChannel;
  private readonly statusEmitter = new vscode.EventEmitter<Status>();
  private readonly editEmitter = new vscode.EventEmitter<EditEvent>();
  readonly onStatus = this.statusEmitter.event;
  readonly onEdit = this.editEmitter.event;
  status: Status = { state: "starting", message: "", model: "" };
  client: LanguageClient | undefined;
  found: Found | undefined;
  private isReady = false;
  private deaths = 0;
  private startedAt = 0;
  private lastWords = "";
  private retry: NodeJS.Timeout | undefined;
  private turn: Promise<void> = Promise.resolve();

  constructor(
    private readonly storage: vscode.Uri,
    private readonly middleware: Middleware,
  ) {
    this.log = vscode.window.createOutputChannel("Fathom", { log: true });
    this.trace = vscode.window.createOutputChannel("Fathom (messages)", { log: true });
  }

  /** Start it anew, whatever it does now. Calls that come meanwhile wait for their turn. */
  restart(): Promise<void> {
    this.deaths = 0;
    return this.inTurn(() => this.startAnew());
  }

  /** Send the settings as they are now. */
  async configure(): Promise<void> {
    if (this.client?.state === State.Running) {
      await this.client.sendNotification(DidChangeConfigurationNotification.type, { settings: { fathom: forServer() } });
    }
  }

  /** The running client, or an error for the user. */
  running(): LanguageClient {
    if (this.client?.state !== State.Running) {
      throw new Error(this.status.message || "Fathom's server is not running.");
    }
    return this.client;
  }

  async stop(): Promise<void> {
    await this.inTurn(() => this.end());
  }

  dispose(): void {
    clearTimeout(this.retry);
    [this.log, this.trace, this.statusEmitter, this.editEmitter].forEach((each) => each.dispose());
  }

  private inTurn(work: () => Promise<void>): Promise<void> {
    this.turn = this.turn.then(work, work);
    return this.turn;
  }

  private async startAnew(): Promise<void> {
    await this.end();
    this.isReady = false;
    this.tell(STARTING);
    this.found = await find(this.storage);
    if (!this.found) {
      this.tell({ state: "missing", message: "The program `fathom` was not found.", model: "" });
      return;
    }
    this.log.info(`starting ${this.found.program}, from ${this.found.from}`);
    const client = this.makeClient(this.found.program);
    this.client = client;
    this.startedAt = Date.now();
    try {
      await client.start();
      this.checkVersion(client);
    } catch (error) {
      this.log.error(`the server did not start: ${error}`);
      if (this.client === client && !this.retry) {
        await this.die(client);
      }
    }
  }

  private async end(): Promise<void> {
    clearTimeout(this.retry);
    this.retry = undefined;
    const client = this.client;
    this.client = undefined;
    if (client) {
      await vscode.commands.executeCommand("setContext", "fathom.running", false);
      await client.dispose(3000).catch((error) => this.log.warn(`the server did not stop: ${error}`));
    }
  }

  private makeClient(program: string): LanguageClient {
    const closed = async () => {
      void this.inTurn(() => this.die(client));
      return { action: CloseAction.DoNotRestart, handled: true };
    };
    const errorHandler: ErrorHandler = { error: () => ({ action: ErrorAction.Continue, handled: true }), closed };
    const client = new LanguageClient("fathom", "Fathom", async () => this.spawn(program), {
      documentSelector: [{ scheme: "file" }, { scheme: "untitled" }],
      initializationOptions: forServer(),
      outputChannel: this.log,
      traceOutputChannel: this.trace,
      middleware: { ...this.middleware, handleRegisterCapability: (params, next) => this.register(params, next) },
      errorHandler,
      initializationFailedHandler: () => false,
    });
    client.registerFeature(CAPABILITIES);
    client.onNotification(STATUS, (status: Status) => this.hear(status));
    client.onNotification(EDIT, (event: EditEvent) => this.editEmitter.fire(event));
    return client;
  }

  /** Until the editor asks for suggestions, the server is still starting for the user. */
  private hear(status: Status): void {
    this.tell(status.state === "idle" && !this.isReady ? { ...status, ...STARTING } : status);
  }

  private async register(params: RegistrationParams, next: RegistrationRequest.HandlerSignature): Promise<void> {
    await next(params, new vscode.CancellationTokenSource().token);
    if (!params.registrations.some((each) => each.method === INLINE_COMPLETION)) {
      return;
    }
    this.isReady = true;
    if (this.status.state === STARTING.state) {
      this.tell({ ...this.status, state: "idle", message: "" });
    }
    // Who has typed meanwhile need not press another key.
    if (vscode.window.activeTextEditor?.document.isDirty) {
      await vscode.commands.executeCommand("editor.action.inlineSuggest.trigger");
    }
  }

  private spawn(program: string): ChildProcess {
    // Not in the opened folder: a program must not find its modules there.
    const child = spawn(program, ["serve"], { cwd: os.homedir(), stdio: "pipe" });
    this.lastWords = "";
    child.stderr?.on("data", (data: Buffer) => {
      this.lastWords = (this.lastWords + data.toString()).slice(-TAIL);
    });
    child.once("error", (error) => {
      this.lastWords += String(error);
    });
    child.once("exit", (code, signal) => {
      this.lastWords = `${signal ? `ended by ${signal}` : `ended with ${code}`}. ${this.lastWords}`.trim();
    });
    return child;
  }

  private checkVersion(client: LanguageClient): void {
    const info = client.initializeResult?.serverInfo;
    this.log.info(`${info?.name} ${info?.version} is running`);
    void vscode.commands.executeCommand("setContext", "fathom.running", true);
    const parts = (info?.version ?? "0").split(".").map((part) => Number.parseInt(part, 10) || 0);
    if (info?.name !== "fathom" || isOlder(parts, OLDEST)) {
      const text = `The server is ${info?.name ?? "unknown"} ${info?.version ?? ""}; this extension needs fathom ${OLDEST.join(".")} or newer.`;
      void vscode.window.showWarningMessage(text, "Install the server").then((answer) => {
        return answer && vscode.commands.executeCommand("fathom.installServer");
      });
    }
  }

  /** A server has died: tell why, and start it again after a pause. */
  private async die(client: LanguageClient): Promise<void> {
    if (this.client !== client) {
      return;
    }
    this.client = undefined;
    await vscode.commands.executeCommand("setContext", "fathom.running", false);
    if (Date.now() - this.startedAt > LONG) {
      this.deaths = 0;
    }
    const why = this.lastWords.split("\n")[0] || "the connection was closed";
    const pause = PAUSES[this.deaths++];
    await client.dispose(500).catch(() => undefined);
    if (pause === undefined) {
      this.giveUp(why);
      return;
    }
    this.tell({ state: "crashed", message: `The server died (${why}); it starts again in ${pause / 1000} s.`, model: "" });
    this.retry = setTimeout(() => void this.inTurn(() => this.startAnew()), pause);
  }

  private giveUp(why: string): void {
    const message = `The server died ${PAUSES.length + 1} times and is not started again by itself: ${why}`;
    this.tell({ state: "stopped", message, model: "" });
    void vscode.window.showErrorMessage(`Fathom: ${message}`, "Restart", "Show the log").then((answer) => {
      if (answer === "Restart") {
        return this.restart();
      }
      return answer && this.log.show();
    });
  }

  private tell(status: Status): void {
    this.status = status;
    this.statusEmitter.fire(status);
  }
}

function isOlder(version: readonly number[], than: readonly number[]): boolean {
  const at = than.findIndex((part, index) => (version[index] ?? 0) !== part);
  return at >= 0 && (version[at] ?? 0) < than[at];
}
