# frozen_string_literal: true

# An action server for Rack, in one file. It answers nobody but your platform:
#
#   export OFFHOOK_SECRET=...        # from client.rotate_signing_secret; several with blanks between
#   gem install rackup webrick
#   rackup -Ilib examples/action_server.ru --port 9000

require "offhook"

SECRETS = ENV.fetch("OFFHOOK_SECRET").split
OFFICE = ENV.fetch("OFFICE", "+81-3-5550-0123")
MENU = "For the office press one, to leave a message press two."
NOBODY = "Nobody is here. Please leave a message."

# Say what to do with a call. What is in the question is vouched for by its signature.
def answer(question)
  script = Offhook::Script.new
  case question.transform_keys(&:to_sym)
  in { event: "incoming", caller: "" } then script.reject("declined")
  in { event: "incoming" } then script.gather(say: ["en", MENU], digits: 1)
  in { event: "gather", digits: "1" } then script.transfer(OFFICE, ring: 20).voicemail(say: ["en", NOBODY])
  in { event: "gather", digits: "2" } then script.voicemail(say: ["en", "Please leave a message."])
  in { event: "fallback" } then script.say("en", "Sorry, something went wrong. Please call again later.")
  else script.say("en", "Goodbye.").hangup
  end
end

run(lambda do |env|
  question = Offhook.verify_request(env["HTTP_OFFHOOK_SIGNATURE"], env["QUERY_STRING"], SECRETS)
  [200, { "content-type" => "text/plain; charset=utf-8" }, [answer(question).text]]
rescue Offhook::SignatureRefused => error
  warn "refused: #{error.message}"
  [403, { "content-type" => "text/plain; charset=utf-8" }, ["This address answers a telephone platform.\n"]]
end)
