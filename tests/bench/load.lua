-- For wrk. With a path after "--", each request gets a query of its own. Times are in microseconds.

function init(args)
  local path, sent = args[1], 0
  if path then
    request = function()
      sent = sent + 1
      return wrk.format(nil, path .. "?n=" .. sent)
    end
  end
end

function done(summary, latency)
  local errors = summary.errors
  local failed = errors.connect + errors.read + errors.write + errors.status + errors.timeout
  print(summary.requests, summary.duration, latency:percentile(50), latency:percentile(99), failed)
end
