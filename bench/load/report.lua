-- wrk's report as one line of JSON; with a file of cookies, each request takes the next one
function init(args)
  if args[1] == nil then return end
  local requests, at = {}, 0
  for line in io.lines(args[1]) do
    requests[#requests + 1] = wrk.format(nil, nil, { ["Host"] = wrk.headers["Host"], ["Cookie"] = line })
  end
  request = function()
    at = at % #requests + 1
    return requests[at]
  end
end

function done(summary, latency)
  local errors = summary.errors
  io.write(string.format(
    '{"requests":%d,"seconds":%.6f,"p50Ms":%.3f,"p99Ms":%.3f,"failed":%d,"closed":%d}\n',
    summary.requests, summary.duration / 1e6, latency:percentile(50) / 1e3, latency:percentile(99) / 1e3,
    errors.connect + errors.write + errors.status + errors.timeout, errors.read
  ))
end
