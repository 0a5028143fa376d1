import { describe, expect, it } from "vitest";
import { findImage, requireImage } from "./images.ts";

const at = (image: string, place = "683313688378.dkr.ecr.us-east-1.amazonaws.com") => `${place}/${image}`;

describe("an image", () => {
  it("is known by its repository and tag, in every region's account", () => {
    const xgboost = { runtime: "sagemaker-xgboost-3.2-0", algorithm: "xgboost" };
    expect(findImage(at("sagemaker-xgboost:3.2-0"))).toEqual(xgboost);
    expect(findImage(at("sagemaker-xgboost:3.2-0-cpu-py3", "141502667606.dkr.ecr.eu-west-1.amazonaws.com"))).toEqual(
      xgboost,
    );
    expect(findImage(at("sagemaker-xgboost:3.2-0", "451049120500.dkr.ecr.cn-north-1.amazonaws.com.cn"))).toEqual(
      xgboost,
    );
    expect(findImage(at("sagemaker-xgboost:3.0-5"))).toMatchObject({ runtime: "sagemaker-xgboost-3.0-5" });
    expect(findImage(at("linear-learner:1", "382416733822.dkr.ecr.us-east-1.amazonaws.com"))).toMatchObject({
      algorithm: "linear-learner",
    });
  });

  it("that is not known is refused with those that are", () => {
    for (const image of [
      "sagemaker-xgboost:1.7-1",
      "sagemaker-xgboost",
      "sagemaker-scikit-learn:1.4-2",
      "../sagemaker-xgboost:3.2-0",
    ]) {
      expect(() => requireImage(at(image))).toThrow(/does not run here/);
    }
    expect(() => requireImage("sagemaker-xgboost:3.2-0")).toThrow(/does not run here/);
    expect(findImage(at("sagemaker-xgboost:3.2-0", "evil.example"))).toBeUndefined();
  });
});
