# frozen_string_literal: true

require_relative "helper"
require_relative "rack_app"
require "open3"
require "rbconfig"

class TestExamples < ClientTest
  EXAMPLES = File.expand_path("../examples", __dir__)
  SECRET = "whsec_first"

  ENV["OFFHOOK_SECRET"] = SECRET
  APP = RackApp.load("#{EXAMPLES}/action_server.ru")

  def ask(secret: SECRET, **question)
    asked = { call_id: "c1", caller: "819012345678", event: "incoming", recipient: "815012345678" }.merge(question)
    pairs = asked.map { |name, value| [name.to_s, value] }
    t = Time.now.to_i
    digest = OpenSSL::HMAC.hexdigest("SHA256", secret, Offhook::Signature.signed_text(pairs, t))
    header = "t=#{t},n=#{pairs.map(&:first).sort.join(" ")},v1=#{digest}"
    query = URI.encode_www_form(pairs + [%w[shop 7]])
    status, headers, body = APP.call({ "HTTP_OFFHOOK_SIGNATURE" => header, "QUERY_STRING" => query })
    assert_equal "text/plain; charset=utf-8", headers["content-type"]
    [status, body.join]
  end

  def test_the_action_server_answers_every_event
    assert_equal [200, 'gather say en "For the office press one, to leave a message press two." digits=1'], ask
    assert_equal [200, "reject declined"], ask(caller: "")
    assert_equal "transfer +81-3-5550-0123 ring=20", ask(event: "gather", digits: "1")[1].lines.first.chomp
    assert_equal [200, 'voicemail say en "Please leave a message."'], ask(event: "gather", digits: "2")
    assert_equal [200, %(say en "Goodbye."\nhangup)], ask(event: "gather", digits: "")
    assert_equal [200, 'say en "Sorry, something went wrong. Please call again later."'], ask(event: "fallback")
  end

  def test_the_action_server_answers_nobody_else
    _, warned = capture_io { assert_equal 403, ask(secret: "another").first }
    assert_includes warned, "no secret of ours"
  end

  def run_example(*arguments)
    environment = { "OFFHOOK_URL" => @server.url, "OFFHOOK_SID" => "shop", "OFFHOOK_TOKEN" => "very-secret" }
    lib = File.expand_path("../lib", __dir__)
    Open3.capture3(environment, RbConfig.ruby, "-W", "-I#{lib}", "#{EXAMPLES}/search_and_subscribe.rb", *arguments)
  end

  def test_a_number_is_searched_and_subscribed
    number = SmallServer.whole(din: "815012345678", din_uid: "JP1", monthly_cost: 650.0)
    taken = number.merge("renews_at" => "2026-12-23T06:00:00Z", "action_url" => "https://shop.example/calls")
    @server.answers.push(SmallServer.answer(200, [number]), SmallServer.answer(201, taken), SmallServer.answer(200, taken))
    told, wrong, status = run_example("8150", "https://shop.example/calls")
    assert_predicate status, :success?
    assert_empty wrong
    assert_includes told, "815012345678 is yours until 2026-12-23T06:00:00Z; its calls ask https://shop.example/calls"
    assert_equal ["prefix=8150", "", ""], @server.requests.map(&:query)
  end

  def test_what_goes_wrong_is_one_line
    @server.answers.push(SmallServer.answer(200, []))
    assert_includes run_example("8150", "https://shop.example/calls")[1], "No number that begins with 8150 is free."
    @server.answers.push(SmallServer.answer(401, { detail: "Wrong.", code: "wrong-credentials" }))
    assert_equal 1, run_example("8150", "https://shop.example/calls")[1].lines.size
    assert_includes run_example[1], "usage:"
  end
end
