-- Light-A-Video for DaVinci Resolve: makes the calls that `lav bridge` asks for, and answers.
--
-- Every edition lists Lua scripts in its menu. LuaJIT 2.1 and nothing else: it has no JSON and its
-- pipes run one way, so both sides speak through a folder. docs/resolve.md has the contract.

-- `lav install resolve` writes these in: the command, the folder, the version that wrote them.
local BRIDGE = {}
local SPOOL = ""
local VERSION = ""

local CONTRACT = 1
local START_LIMIT = 30 -- seconds until the bridge is there
local SILENCE = 15 -- seconds without a word of the bridge after which it has gone
local DEEPEST = 32 -- tables within tables

local ffi = ffi or require("ffi") -- for sleeping only
local is_windows = ffi.os == "Windows"
pcall(ffi.cdef, is_windows and "void Sleep(unsigned);" or "int poll(void *, unsigned long, int);")

local function sleep(milliseconds)
  if is_windows then ffi.C.Sleep(milliseconds) else ffi.C.poll(nil, 0, milliseconds) end
end

local function say(text)
  print("Light-A-Video: " .. text)
end

-- Resolve's objects ---------------------------------------------------------------------------

local objects, newest = {}, 0 -- by handle; 0 is `resolve` itself

local function kept(object)
  newest = newest + 1
  objects[newest] = object
  return newest
end

local function is_object(value)
  if type(value) == "table" then return getmetatable(value) ~= nil and next(value) == nil end
  return true
end

-- Answers: JSON, in which lists, {"=": [[key, value], ...]} and {"@": handle} are told apart ----

local function text(value)
  local escaped = value:gsub('[%c"\\]', function(c) return ("\\u%04x"):format(c:byte()) end)
  return '"' .. escaped .. '"'
end

local function number(value)
  if value ~= value or value == math.huge or value == -math.huge then return "null" end
  if value == math.floor(value) and math.abs(value) < 2 ^ 53 then return ("%.0f"):format(value) end
  return (("%.17g"):format(value):gsub(",", ".")) -- some languages write a comma
end

local told

local function told_table(value, depth)
  local items, count = {}, 0
  for _ in pairs(value) do count = count + 1 end
  if count == 0 then return "{}" end -- a list or not: the bridge knows by the method
  for index = 1, count do
    if value[index] == nil then break end
    items[index] = told(value[index], depth)
  end
  if #items == count then return "[" .. table.concat(items, ",") .. "]" end
  items = {}
  for key, one in pairs(value) do
    items[#items + 1] = "[" .. told(key, depth) .. "," .. told(one, depth) .. "]"
  end
  return '{"=":[' .. table.concat(items, ",") .. "]}"
end

function told(value, depth)
  local kind = type(value)
  if depth > DEEPEST then error("tables within tables without an end", 0) end
  if kind == "nil" then return "null" end
  if kind == "boolean" then return tostring(value) end
  if kind == "string" then return text(value) end
  if kind == "cdata" then value = tonumber(value) or value end
  if type(value) == "number" then return number(value) end
  if is_object(value) then return '{"@":' .. kept(value) .. "}" end
  return told_table(value, depth + 1)
end

-- Requests: Lua literals, in which {["@"]=handle} is an object, {["$"]=NAME} a constant -----------

local function absent(name)
  error({ absent = name }, 0)
end

local function given(value)
  if type(value) ~= "table" then return value end
  if value["@"] then return objects[value["@"]] or error("an object that was let go", 0) end
  if value["$"] then
    local constant = objects[0][value["$"]]
    if constant == nil then absent(value["$"]) end
    return constant
  end
  local made = {}
  for key, one in pairs(value) do made[key] = given(one) end
  return made
end

local function called(call)
  local object = objects[call[1]] or error("an object that was let go", 0)
  local method = object[call[2]]
  if method == nil then absent(call[2]) end
  local arguments = {}
  for index = 1, call.n do arguments[index] = given(call[index + 2]) end
  return told(method(object, unpack(arguments, 1, call.n)), 0)
end

local function answer(request)
  for _, handle in ipairs(request.release or {}) do objects[handle] = nil end
  if request.say then say(request.say) end
  local values, n = {}, number(request.n)
  for index, call in ipairs(request.calls or {}) do
    local is_done, value = pcall(called, call)
    if not is_done then
      local lacks = type(value) == "table" and value.absent
      local why = lacks and "there is no " .. lacks or tostring(value)
      local rest = ',"error":' .. text(why) .. (lacks and ',"absent":true}' or "}")
      return '{"n":' .. n .. ',"values":[' .. table.concat(values, ",") .. "]" .. rest
    end
    values[index] = value
  end
  return '{"n":' .. n .. ',"values":[' .. table.concat(values, ",") .. "]}"
end

-- The folder ----------------------------------------------------------------------------------

local name = ("run-%d-%s"):format(os.time(), tostring({}):gsub("%W", ""):sub(-10))
local folder = SPOOL .. "/" .. name
local log = folder .. ".log"
local written, heard = 0, 0

local function write(said)
  local path = ("%s/%06d.json"):format(folder, written + 1)
  local file = io.open(path .. ".new", "wb")
  if not file then return false end
  local is_whole = file:write(said)
  is_whole = file:close() and is_whole and os.rename(path .. ".new", path)
  written = is_whole and written + 1 or written
  return is_whole
end

local function each_look(seconds, look) -- time asleep does not count: a laptop that wakes goes on
  local waited, pause = 0, 1
  while waited < seconds * 1000 do
    local found = look()
    if found then return found end
    sleep(pause)
    waited = waited + pause
    pause = waited < 200 and 1 or 15
  end
end

local function next_request()
  local path = ("%s/%06d.lua"):format(folder, heard + 1)
  local file = io.open(path, "rb")
  if not file then return nil end
  local chunk = loadstring(file:read("*a"))
  file:close()
  os.remove(path)
  heard = heard + 1
  return chunk and setfenv(chunk, {})() or { ["end"] = "A request could not be understood." }
end

local function last_words()
  local said, file = "", io.open(log, "rb")
  for line in file and file:lines() or function() end do said = line:match("%S") and line or said end
  if file then file:close() end
  return said
end

local function tidy() -- what a bridge that was killed has left; one that ended has left nothing
  for index = 1, written do os.remove(("%s/%06d.json"):format(folder, index)) end
  local request = ("%s/%06d.lua"):format(folder, heard + 1)
  os.remove(request)
  os.remove(request .. ".new")
  os.remove(folder)
end

-- The bridge ----------------------------------------------------------------------------------

local function quoted(word)
  if is_windows then return '"' .. word .. '"' end
  return "'" .. word:gsub("'", "'\\''") .. "'"
end

-- Without what Resolve sets for its own Python and libraries: they are not the bridge's.
local function start()
  local words = {}
  for index, word in ipairs(BRIDGE) do words[index] = quoted(word) end
  local command = table.concat(words, " ") .. " --spool " .. quoted(folder)
  if is_windows then
    local without = 'set "PYTHONHOME=" & set "PYTHONPATH=" & start "" /B '
    return os.execute(without .. command .. " 2>" .. quoted(log))
  end
  local without = "env -u PYTHONHOME -u PYTHONPATH -u LD_LIBRARY_PATH "
  return os.execute(without .. command .. " </dev/null >/dev/null 2>" .. quoted(log) .. " &")
end

local function greet()
  local hello = '{"hello":{"contract":%d,"language":"lua","runtime":%s,"script":%s}}'
  local said = hello:format(CONTRACT, text(jit and jit.version or _VERSION), text(VERSION))
  return each_look(START_LIMIT, function() return write(said) end)
end

local function serve()
  while true do
    local request = each_look(SILENCE, next_request)
    if not request then
      tidy()
      return say("LAV Bridge's process ended. Renders go on; start this again. " .. last_words())
    end
    local is_written = write(answer(request))
    if request["end"] then return request["end"] ~= "" and say(request["end"]) end
    if not is_written then return say("LAV Bridge's process ended. " .. folder) end
  end
end

local function main()
  objects[0] = resolve or (Resolve and Resolve()) or (app and app:GetResolve())
  if not objects[0] then return say("Start this from Workspace > Scripts in DaVinci Resolve.") end
  if #BRIDGE == 0 then return say("Run `lav install resolve` first.") end
  local program = io.open(BRIDGE[1], "rb")
  if not program then
    return say(BRIDGE[1] .. " is no longer there. Run `lav install resolve` again.")
  end
  program:close()
  local words = io.open(log, "wb")
  if not words then
    return say("Nothing can be written in " .. SPOOL .. ". Run `lav install resolve` again.")
  end
  words:close()
  start()
  if greet() then return serve() end
  say("LAV Bridge did not start. " .. last_words())
end

main()
