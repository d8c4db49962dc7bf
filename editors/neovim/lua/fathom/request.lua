-- Asks the server for inline completion by this plugin itself: on Neovim 0.11, and when the user asks for it by hand.

local ghost = require("fathom.ghost")
local suggestions = require("fathom.suggestion")

local M = {}

local METHOD = "textDocument/inlineCompletion"
local INVOKED, AUTOMATIC = 1, 2

---@type table<integer, { client: vim.lsp.Client, id: integer }?> By buffer: the request that waits for its answer.
local pending = {}

---@type table<integer, uv.uv_timer_t?> By buffer.
local timers = {}

local function stop_timer(bufnr)
  local timer = timers[bufnr]
  timers[bufnr] = nil
  if timer and not timer:is_closing() then
    timer:stop()
    timer:close()
  end
end

---Forget what was asked; the server stops working on it.
---@param bufnr integer
function M.cancel(bufnr)
  stop_timer(bufnr)
  local request = pending[bufnr]
  pending[bufnr] = nil
  if request and not request.client:is_stopped() then
    request.client:cancel_request(request.id)
  end
end

---@param place fathom.Place
---@param client vim.lsp.Client
---@param result? lsp.InlineCompletionItem[]|lsp.InlineCompletionList
local function show_answer(place, client, result)
  local items = result and (result.items or result) or {}
  local suggestion = items[1] and suggestions.from_item(items[1], place, client)
  local inserting = vim.startswith(vim.api.nvim_get_mode().mode, "i")
  if inserting and suggestion and suggestions.remaining(suggestion) then
    ghost.show(suggestion)
  end
end

---@param bufnr integer
---@param trigger integer
local function send(bufnr, trigger)
  M.cancel(bufnr)
  local client = vim.lsp.get_clients({ bufnr = bufnr, name = "fathom", method = METHOD })[1]
  local place = suggestions.place(bufnr)
  if not client or not place then
    return
  end
  local params = vim.lsp.util.make_position_params(0, client.offset_encoding)
  params.context = { triggerKind = trigger }
  local sent, id
  sent, id = client:request(METHOD, params, function(_, result)
    if pending[bufnr] and pending[bufnr].id == id then
      pending[bufnr] = nil
      show_answer(place, client, result)
    end
  end, bufnr)
  if sent and id then
    pending[bufnr] = { client = client, id = id }
  end
end

---Ask when the user has not typed for a moment, unless the text shown still fits.
---@param bufnr integer
local function ask_soon(bufnr)
  M.cancel(bufnr)
  if ghost.current(bufnr) or vim.fn.pumvisible() == 1 or vim.b[bufnr].fathom_disable then
    return
  end
  timers[bufnr] = vim.defer_fn(function()
    timers[bufnr] = nil
    if vim.api.nvim_get_current_buf() == bufnr and vim.startswith(vim.api.nvim_get_mode().mode, "i") then
      send(bufnr, AUTOMATIC)
    end
  end, require("fathom.config").options.debounce)
end

---Ask for the current buffer now.
function M.invoke()
  local bufnr = vim.api.nvim_get_current_buf()
  require("fathom.accept").dismiss()
  send(bufnr, INVOKED)
end

---Ask by itself while the user types in a buffer.
---@param bufnr integer
---@param group integer
function M.watch(bufnr, group)
  vim.api.nvim_create_autocmd({ "InsertEnter", "CursorMovedI", "TextChangedI", "CompleteDone" }, {
    group = group,
    buffer = bufnr,
    callback = function()
      ask_soon(bufnr)
    end,
  })
  vim.api.nvim_create_autocmd({ "InsertLeave", "BufLeave" }, {
    group = group,
    buffer = bufnr,
    callback = function()
      M.cancel(bufnr)
    end,
  })
end

return M
