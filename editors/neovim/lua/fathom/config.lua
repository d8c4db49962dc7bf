-- The options and their defaults. A wrong option is named in a message and its default is used.

local M = {}

---@alias fathom.Part "whole"|"line"|"word"
---@alias fathom.GhostKind "auto"|"native"|"own"

---@class fathom.Keys
---@field whole string|false Accept all of it.
---@field line string|string[]|false Accept up to the end of the line.
---@field word string|string[]|false Accept the next word.
---@field dismiss string|string[]|false Take it away.
---@field complete string|string[]|false Ask for it now.

---@class fathom.Options
---@field cmd? string[] The server's command.
---@field env? table<string, string> Environment variables for the server.
---@field ghost? fathom.GhostKind Who draws: Neovim itself where it can ("auto"), Neovim ("native"), or this plugin ("own").
---@field auto? boolean Show ghost text while typing; with false only when asked.
---@field preview? boolean Show the new lines of an edit while they are written.
---@field debounce? integer How long to wait for the next key before asking, in ms; Neovim's own ghost text always waits 200.
---@field filetypes? string[] Only these; default: every file that has a type.
---@field exclude_filetypes? string[] Never these.
---@field root_markers? string[] Files and folders that mark the root of a project.
---@field keys? fathom.Keys|false
---@field settings? table Settings of the server, as in docs/SETTINGS.md.

M.defaults = {
  cmd = { "fathom", "serve" },
  env = {},
  ghost = "auto",
  auto = true,
  preview = true,
  debounce = 75,
  exclude_filetypes = { "gitrebase", "help", "man", "netrw", "qf" },
  root_markers = { ".git", ".hg", "pyproject.toml", "package.json", "Cargo.toml", "go.mod", "Makefile" },
  keys = {
    whole = "<Tab>",
    line = "<M-Down>",
    word = { "<M-Right>", "<C-Right>" },
    dismiss = "<C-]>",
    complete = false,
  },
  settings = {},
}

---@type fathom.Options
M.options = vim.deepcopy(M.defaults)

local types = {
  cmd = "table",
  env = "table",
  ghost = "string",
  auto = "boolean",
  preview = "boolean",
  debounce = "number",
  filetypes = "table",
  exclude_filetypes = "table",
  root_markers = "table",
  keys = { "table", "boolean" },
  settings = "table",
}

---@param name string
---@param value any
---@return string? problem
local function problem_with(name, value)
  local wanted = types[name]
  if not wanted then
    return ("there is no option '%s'"):format(tostring(name))
  end
  if not vim.list_contains(type(wanted) == "table" and wanted or { wanted }, type(value)) then
    return ("option '%s' is a %s"):format(name, type(value))
  end
  if name == "ghost" and not vim.list_contains({ "auto", "native", "own" }, value) then
    return ("ghost = '%s' is none of auto, native, own"):format(value)
  end
end

---@param opts? fathom.Options
---@return boolean usable False when this Neovim is too old.
function M.set(opts)
  if vim.fn.has("nvim-0.11") == 0 then
    vim.notify("Fathom needs Neovim 0.11 or newer", vim.log.levels.WARN)
    return false
  end
  local good = {}
  for name, value in pairs(opts or {}) do
    local problem = problem_with(name, value)
    if problem then
      vim.notify("Fathom: " .. problem .. "; see :help fathom-options", vim.log.levels.WARN)
    else
      good[name] = value
    end
  end
  M.options = vim.tbl_deep_extend("force", vim.deepcopy(M.defaults), good)
  return true
end

---@return "native"|"own" ghost Who draws the ghost text in this Neovim.
function M.ghost()
  if M.options.ghost == "own" or vim.fn.has("nvim-0.12") == 0 or not vim.lsp.inline_completion then
    return "own"
  end
  return "native"
end

return M
