-- Puts ghost text and keys into the buffers that the server is attached to, and takes them out again.

local M = {}

local enabled = true

---@type table<integer, integer?> By buffer: its group of autocommands.
local attached = {}

---@param bufnr integer
local function detach(bufnr)
  local group = attached[bufnr]
  attached[bufnr] = nil
  if not group then
    return
  end
  vim.api.nvim_del_augroup_by_id(group)
  require("fathom.request").cancel(bufnr)
  require("fathom.ghost").hide(bufnr)
  require("fathom.preview").hide(bufnr)
  require("fathom.keys").unmap(bufnr)
  if vim.lsp.inline_completion and vim.api.nvim_buf_is_valid(bufnr) then
    require("fathom.native").unwatch(bufnr)
  end
end

---@param bufnr integer
local function attach(bufnr)
  if attached[bufnr] or not enabled then
    return
  end
  local config = require("fathom.config")
  local group = vim.api.nvim_create_augroup("fathom.buffer." .. bufnr, {})
  attached[bufnr] = group
  require("fathom.keys").map(bufnr)
  if not config.options.auto then
    return
  end
  if config.ghost() == "native" then
    require("fathom.native").watch(bufnr, group)
  else
    require("fathom.request").watch(bufnr, group)
  end
end

---@param visit fun(bufnr: integer)
local function each_buffer(visit)
  for _, client in ipairs(vim.lsp.get_clients({ name = "fathom" })) do
    for bufnr in pairs(client.attached_buffers) do
      visit(bufnr)
    end
  end
end

---@param event vim.api.keyset.create_autocmd.callback_args
---@return boolean
local function is_ours(event)
  local client = vim.lsp.get_client_by_id(event.data.client_id)
  return client ~= nil and client.name == "fathom"
end

function M.start()
  for _, bufnr in ipairs(vim.tbl_keys(attached)) do
    detach(bufnr)
  end
  local group = vim.api.nvim_create_augroup("fathom", {})
  require("fathom.ghost").watch(group)
  require("fathom.preview").watch(group)
  vim.api.nvim_create_autocmd("LspAttach", {
    group = group,
    callback = function(event)
      if is_ours(event) then
        attach(event.buf)
      end
    end,
  })
  vim.api.nvim_create_autocmd("LspDetach", {
    group = group,
    callback = function(event)
      if is_ours(event) then
        detach(event.buf)
      end
    end,
  })
  each_buffer(attach)
end

---@param on boolean
function M.enable(on)
  enabled = on
  each_buffer(on and attach or detach)
end

---@return boolean
function M.enabled()
  return enabled
end

return M
