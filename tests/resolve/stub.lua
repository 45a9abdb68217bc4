-- `resolve` for a script run by luajit alone: every name and call is asked of a Python object, at
-- the other end of two pipes. Arguments: the pipe there, the pipe back, the script to run, and what
-- objects are: userdata or tables.
local there, back = assert(io.open(arg[1], "wb")), assert(io.open(arg[2], "rb"))
local object, handles = nil, setmetatable({}, { __mode = "k" })

local function said(value)
  local kind = type(value)
  if value ~= nil and handles[value] then return '{"@":' .. handles[value] .. "}" end
  if kind == "nil" or kind == "boolean" then return value == nil and "null" or tostring(value) end
  if kind == "number" then return ("%.17g"):format(value) end
  if kind == "string" then
    return '{"s":"' .. value:gsub(".", function(c) return ("%02x"):format(c:byte()) end) .. '"}'
  end
  local pairs_said = {}
  for key, one in pairs(value) do
    pairs_said[#pairs_said + 1] = "[" .. said(key) .. "," .. said(one) .. "]"
  end
  return '{"t":[' .. table.concat(pairs_said, ",") .. "]}"
end

local function ask(handle, name, arguments)
  there:write("[" .. handle .. ',"' .. name .. '",' .. arguments .. "]\n")
  there:flush()
  local answer = setfenv(assert(loadstring("return " .. back:read("*l"))), { o = object })()
  if answer.error then error(answer.error, 0) end
  return answer
end

function object(handle)
  local made = arg[4] == "tables" and setmetatable({}, {}) or newproxy(true)
  getmetatable(made).__index = function(_, name)
    local answer = ask(handle, name, "null")
    if not answer.method then return answer.value end
    return function(_, ...)
      local list = {}
      for index = 1, select("#", ...) do list[index] = said((select(index, ...))) end
      return ask(handle, name, "[" .. table.concat(list, ",") .. "]").value
    end
  end
  handles[made] = handle
  return made
end

resolve = object(0)
dofile(arg[3])
