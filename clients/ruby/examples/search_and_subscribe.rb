# frozen_string_literal: true

# Finds a number, subscribes it and points it at your action server:
#
#   export OFFHOOK_URL=http://127.0.0.1:8080 OFFHOOK_SID=shop OFFHOOK_TOKEN=secret
#   ruby -Ilib examples/search_and_subscribe.rb 8150 https://shop.example/calls
#
# The first argument is how the number begins, the second the action URL. Its first 30 days are charged at once.

require "offhook"

prefix, action_url = ARGV
abort "usage: ruby examples/search_and_subscribe.rb PREFIX ACTION_URL" unless action_url

client = Offhook::Client.new(ENV.fetch("OFFHOOK_URL"), ENV.fetch("OFFHOOK_SID"), ENV.fetch("OFFHOOK_TOKEN"))
begin
  number = client.get_din_list(prefix: prefix).first or abort "No number that begins with #{prefix} is free."
  puts "#{number["din"]} costs #{number["monthly_cost"]} for 30 days."
  subscription = client.subscribe_din(number["din_uid"], action_url: action_url)
  spare = Offhook::Script.new.say("en", "Please call again later.")
  client.set_urls(number["din_uid"], default_action: spare)
  puts "#{subscription["din"]} is yours until #{subscription["renews_at"]}; its calls ask #{subscription["action_url"]}"
rescue Offhook::NotEnoughCredit
  abort "There is too little credit: #{client.get_account["available"]} are available."
rescue Offhook::OffhookError => error
  abort error.message
end
