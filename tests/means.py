"""A paper of a page that a whole run is made of."""


def paper(title: str = "Scaled Means: A Small Estimator") -> str:
    return f"""# {title}

Ada Author, Ben Writer

## Abstract

We estimate the mean of a noisy signal by a scaled sum and show that one scale is enough.

## 1 Method

A signal of $n$ samples is reduced to

$$ \\hat{{\\mu}} = \\frac{{\\alpha}}{{n}} \\sum_{{i=1}}^{{n}} x_i \\tag{{1}} $$

where $\\alpha$ is learned by gradient descent.

**Algorithm 1:** Fitting the scale

```algorithm
Input: samples x, rate r
a <- 1
repeat 100 times
    a <- a - r * gradient(a, x)
return a
```

## 2 Experiments

Table 1: Error of the estimators.

| method | error |
|---|---|
| plain mean | 0.31 |
| ours | 0.12 |

We train for 100 steps with a rate of 0.1 and five seeds.
"""
