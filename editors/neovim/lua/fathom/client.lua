-- Finds the server's program and gives it to Neovim's language client.

local M = {}

local NAME = "fathom"

---@type boolean A stop that was asked for is followed by a start.
local restarting = false

---@return string? path The program of the server's command, as an absolute path; nil where there is none.
function M.program()
  local name = require("fathom.config").options.cmd[1]
  for _, candidate in ipairs({ name, vim.fs.joinpath(vim.fn.expand("~/.local/bin"), name) }) do
    local path = vim.fn.exepath(candidate)
    if path ~= "" then
      return path
    end
  end
end

---@return string message What to do when there is no program.
function M.missing()
  local name = require("fathom.config").options.cmd[1]
  return ("Fathom: the program '%s' is not on PATH, so there is no ghost text. "):format(name)
    .. "Install it, or name it with require('fathom').setup({ cmd = { '/path/to/fathom', 'serve' } }); "
    .. ":checkhealth fathom tells more."
end

---@return string[] command
local function command()
  local options = require("fathom.config").options
  return { M.program() or options.cmd[1], unpack(options.cmd, 2) }
end

---@param bufnr integer
---@param start fun(root?: string)
local function root_dir(bufnr, start)
  local options = require("fathom.config").options
  local filetype = vim.bo[bufnr].filetype
  if vim.b[bufnr].fathom_disable or vim.list_contains(options.exclude_filetypes, filetype) then
    return
  end
  if options.filetypes and not vim.list_contains(options.filetypes, filetype) then
    return
  end
  start(vim.fs.root(bufnr, options.root_markers))
end

---@param code integer
---@param signal integer
local function on_exit(code, signal, _)
  vim.schedule(function()
    require("fathom.status").forget()
    if restarting then
      restarting = false
      return M.start()
    end
    if vim.v.exiting == vim.NIL and (code ~= 0 or signal ~= 0) then
      local message = "Fathom: the server ended (code %d, signal %d). "
        .. ":Fathom log shows why, :Fathom restart starts it again."
      vim.notify(message:format(code, signal), vim.log.levels.WARN)
    end
  end)
end

---@return vim.lsp.Config
local function config()
  local options = require("fathom.config").options
  return {
    cmd = function(dispatchers)
      local rpc = vim.lsp.rpc.start(command(), dispatchers, { env = options.env })
      return require("fathom.native").listen(rpc)
    end,
    root_dir = root_dir,
    -- Neovim 0.11 does not say this of itself, and the server would offer a popup menu instead.
    capabilities = {
      textDocument = { inlineCompletion = { dynamicRegistration = false } },
      experimental = { fathom = { status = true, instruction = true, edit = options.preview } },
    },
    init_options = next(options.settings) and options.settings or nil,
    settings = { fathom = next(options.settings) and options.settings or nil },
    handlers = {
      ["fathom/status"] = require("fathom.status").receive,
      ["fathom/edit"] = require("fathom.preview").receive,
    },
    on_exit = on_exit,
  }
end

---Start the server for every file that is opened from now on, and for those that are open.
function M.start()
  require("fathom.edit").listen()
  if not M.program() then
    vim.notify_once(M.missing(), vim.log.levels.WARN)
    return
  end
  vim.lsp.config(NAME, config())
  vim.lsp.enable(NAME)
end

---@return vim.lsp.Client[] clients
function M.clients()
  return vim.lsp.get_clients({ name = NAME })
end

---Stop the server and start it anew; also the way to start one that was not found before.
function M.restart()
  restarting = #M.clients() > 0
  vim.lsp.enable(NAME, false)
  if not restarting then
    M.start()
  end
end

return M
