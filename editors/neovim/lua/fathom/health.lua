-- :checkhealth fathom

local M = {}

local health = vim.health

local DOCTOR_MS = 20000

local function check_neovim()
  health.start("Neovim")
  health.ok("version " .. tostring(vim.version()))
  if require("fathom.config").ghost() == "native" then
    health.ok("ghost text by vim.lsp.inline_completion")
  else
    health.ok("ghost text by the plugin" .. (vim.lsp.inline_completion and " (option ghost)" or " (Neovim 0.12 draws it itself)"))
  end
end

---@param arguments string[]
---@return string? output Nil where the program did not start, failed without a word, or took too long.
local function run(arguments)
  local command = vim.list_extend({ assert(require("fathom.client").program()) }, arguments)
  local started, process = pcall(vim.system, command, { text = true, env = require("fathom.config").options.env })
  if not started then
    return nil
  end
  local output = process:wait(DOCTOR_MS).stdout or ""
  return output ~= "" and vim.trim(output) or nil
end

---@return boolean found
local function check_program()
  health.start("Server")
  local program = require("fathom.client").program()
  if not program then
    health.error(require("fathom.client").missing(), { "pipx install 'fathom-ls[local]'" })
    return false
  end
  health.ok("program " .. program)
  health.info("command " .. table.concat(require("fathom.config").options.cmd, " "))
  local version = run({ "--version" })
  if version then
    health.ok("version " .. version)
  else
    health.warn(program .. " --version gave no answer")
  end
  return true
end

local function check_doctor()
  health.start("Model")
  local output = run({ "doctor", "--json" })
  local parsed, doctor = pcall(vim.json.decode, output or "")
  if not parsed or type(doctor) ~= "table" then
    health.warn("`fathom doctor --json` gave no answer", { "run `fathom doctor` in a terminal" })
    return
  end
  for _, check in ipairs(doctor.checks or {}) do
    local report = health[check.status] or health.info
    report(("%s: %s"):format(check.name, check.message), check.advice and { check.advice } or nil)
  end
end

local function check_clients()
  health.start("Buffers")
  local clients = require("fathom.client").clients()
  if #clients == 0 then
    health.warn("the server is attached to no buffer", { "open a file that has a filetype", ":Fathom restart" })
  end
  for _, client in ipairs(clients) do
    local buffers = vim.tbl_count(client.attached_buffers)
    local root = client.root_dir or "none"
    local line = "client %d: %d buffer(s), root %s, positions in %s"
    health.ok(line:format(client.id, buffers, root, client.offset_encoding))
    if not client:supports_method("textDocument/inlineCompletion") then
      health.error("the server offers no inline completion")
    end
  end
end

local function check_status()
  health.start("Last word of the server")
  local statuses = require("fathom.status").all()
  if #statuses == 0 then
    health.info("none yet")
  end
  for _, status in ipairs(statuses) do
    local report = status.state == "failed" and health.error or health.info
    report(("%s %s %s (model %s)"):format(status.state, status.reason or "", status.message or "", status.model or "?"))
    for _, line in ipairs(require("fathom.status").index(status)) do
      health.info(line)
    end
  end
end

function M.check()
  check_neovim()
  if check_program() then
    check_doctor()
    check_clients()
    check_status()
  end
end

return M
