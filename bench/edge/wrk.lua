-- Arguments: none for full load, or the least and the greatest pause of a connection between two requests, in ms.
-- Prints what was measured as one line of JSON, so that nothing has to be read out of rounded figures.

function init(args)
   local least, most = tonumber(args[1]), tonumber(args[2])
   if least and most then
      -- Pauses that differ keep the connections from asking all at once.
      function delay()
         return math.random(least, most)
      end
   end
end

function done(summary, latency, requests)
   local errors = summary.errors
   io.write(string.format(
      '\n{"requests":%d,"durationUs":%d,"p50Us":%d,"p99Us":%d,"connect":%d,"read":%d,"write":%d,"status":%d,"timeout":%d}\n',
      summary.requests, summary.duration, latency:percentile(50), latency:percentile(99),
      errors.connect, errors.read, errors.write, errors.status, errors.timeout))
end
